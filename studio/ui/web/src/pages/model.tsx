import { Members, register } from "@studio";
import { useEffect } from "preact/hooks";
import { Drawing } from "../model/drawing";
import { Gallery } from "../model/gallery";
import { Params } from "../model/params";
import { dataset, follow, loadBlocks, loadPresets, memberForm } from "../model/state";
import { Layers } from "../model/table";
import { draft } from "@studio";

function ModelPage() {
  useEffect(follow, []);
  useEffect(() => void loadBlocks(), []);
  const name = draft.value ? dataset.value : null;
  useEffect(() => {
    if (name) void loadPresets(name);
  }, [name]);
  return (
    <div class="s-stack s-model-page">
      <Gallery />
      <div class="s-model-columns">
        <Params />
        <Drawing />
        <Members.Provider value={memberForm}>
          <Layers />
        </Members.Provider>
      </div>
    </div>
  );
}

register("model", ModelPage);
