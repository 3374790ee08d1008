import { register } from "@studio";

function Home() {
  return <div class="s-panel">…</div>;
}

register("home", Home);
