import { draft, Members, native, register } from "@studio";
import { useEffect } from "preact/hooks";
import { Below } from "../model/below";
import { Canvas } from "../model/canvas/canvas";
import { listen } from "../model/canvas/keys";
import { refused } from "../model/edits";
import { Inspector } from "../model/inspector";
import { Palette } from "../model/palette";
import { Quick } from "../model/quick";
import { Sidebar } from "../model/sidebar";
import { dataset, follow, loadBlocks, loadPresets, memberForm } from "../model/state";
import { Toolbar } from "../model/toolbar";

function ModelPage() {
  useEffect(follow, []);
  useEffect(listen, []);
  useEffect(() => void loadBlocks(), []);
  const name = draft.value ? dataset.value : null;
  useEffect(() => {
    if (name) void loadPresets(name);
  }, [name]);
  return (
    <Members.Provider value={memberForm}>
      <div class="s-stack s-model-page">
        <Toolbar onOpen={() => undefined} onSave={() => undefined} />
        {refused.value && (
          <p class="s-problem s-large" role="alert">
            {native(refused.value)}
          </p>
        )}
        <div class="s-editor">
          <Sidebar />
          <Canvas />
          <Inspector />
        </div>
        <Below />
        <Palette />
        <Quick />
      </div>
    </Members.Provider>
  );
}

register("model", ModelPage);
