import { register, shownRun } from "@studio";
import { RunDetails } from "../runs/details";
import { RunsList } from "../runs/list";

function RunsPage() {
  const name = shownRun.value;
  return name ? <RunDetails name={name} /> : <RunsList />;
}

register("runs", RunsPage);
