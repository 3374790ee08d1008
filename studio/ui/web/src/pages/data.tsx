import { draft, register } from "@studio";
import { useEffect } from "preact/hooks";
import { AddData } from "../data/add";
import { Shown } from "../data/details";
import { Imports } from "../data/imports";
import { DatasetList } from "../data/list";
import { listing, listProblem, loadList, show, shown } from "../data/state";

function DataPage() {
  useEffect(() => {
    void loadList();
    if (shown.value) void show(shown.value, false);
  }, []);
  const drafted = draft.value ? (draft.value.line.dataset?.name ?? "digits") : null;
  useEffect(() => {
    if (drafted && !shown.value) void show(drafted, false);
  }, [drafted]);
  return (
    <div class="s-columns s-data-page">
      <div class="s-stack s-data-side">
        <AddData />
        <DatasetList />
      </div>
      <div class="s-stack s-shown" id="studio-shown">
        {(listing.value ?? listProblem.value) && ( // it stands below the list on a phone: what comes later than the list is not moved by it
          <>
            <Imports />
            <Shown />
          </>
        )}
      </div>
    </div>
  );
}

register("data", DataPage);
