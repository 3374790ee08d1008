import { draft, Members, register } from "@studio";
import { options } from "preact";
import { useEffect } from "preact/hooks";
import { Below } from "../model/below";
import { Canvas } from "../model/canvas/canvas";
import { listen } from "../model/canvas/keys";
import { Gallery } from "../model/gallery/gallery";
import { loadPresets } from "../model/gallery/state";
import { Inspector } from "../model/inspector";
import { Library, Said } from "../model/library";
import { Palette } from "../model/palette";
import { Quick } from "../model/quick";
import { Refusal } from "../model/refusal";
import { Sidebar } from "../model/sidebar";
import { dataset, follow, loadBlocks, memberForm } from "../model/state";
import { Toolbar } from "../model/toolbar";

// The canvas hands its nodes and edges on in effects. Preact runs those behind the next frame, so that what was typed would be seen one frame late.
options.requestAnimationFrame = (run) => void setTimeout(run);

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
        <div class="s-tools">
          <Toolbar />
          <Said />
        </div>
        <div class="s-editor">
          <Sidebar />
          <Canvas />
          <Inspector />
        </div>
        <Below />
        <Palette />
        <Quick />
        <Gallery />
        <Library />
        <Refusal />
      </div>
    </Members.Provider>
  );
}

register("model", ModelPage);
