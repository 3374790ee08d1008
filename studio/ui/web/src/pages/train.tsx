import { register } from "@studio";

function Train() {
  return <div class="s-panel">…</div>;
}

register("train", Train);
