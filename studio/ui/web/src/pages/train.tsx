import { register, t } from "@studio";
import { RunPanel } from "../train/run";
import { SchedulePicture, Settings } from "../train/settings";

function TrainPage() {
  return (
    <div class="s-columns s-train-page">
      <Settings />
      <RunPanel>
        <div class="s-nothing">
          <h2>{t("train.first.title")}</h2>
          <p>{t("train.first.text")}</p>
        </div>
        <h3>{t("train.schedule.picture")}</h3>
        <SchedulePicture />
      </RunPanel>
    </div>
  );
}

register("train", TrainPage);
