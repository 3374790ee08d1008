import { exact, pulse, short, t, tOr } from "@studio";
import { useEffect, useId } from "preact/hooks";
import { shapeText } from "../graph";
import { sourceOf, sourceValue, stateName } from "./numbers";
import { ColourBar, Figures, Pager, Stepper } from "./parts";
import { Opened, RangeSwitch } from "./maps";
import { kernelsOpen, loadSources, look, source, sources, view, weightsOpen } from "./state";
import { Box } from "./sheet";
import type { Kernels, Shown, Tile, Weights } from "./types";

/** With whose weights the network is looked at. */
export function SourceChooser({ taken }: { taken: Shown["weights_taken"] }) {
  const id = useId();
  const active = pulse.value?.active.map((run) => `${run.run} ${run.epoch}`).join() ?? "";
  useEffect(() => void loadSources(), [active]);
  const now = source.value;
  const isListed = !now || sources.value?.some((run) => run.run === now.run && run.states.some((state) => state.state === now.state));
  return (
    <div class="s-preview-source">
      <label for={id}>{t("preview.weights.of")}</label>
      <select id={id} class="s-select" data-testid="preview-source" value={sourceValue(now)} onChange={(event) => (source.value = sourceOf(event.currentTarget.value))}>
        <option value="">{t("preview.weights.fresh")}</option>
        {!isListed && now && <option value={sourceValue(now)}>{`${now.state} · ${now.run}`}</option>}
        {sources.value?.map((run) => (
          <optgroup key={run.run} label={`${run.title} · ${run.network} · ${tOr(`status.${run.status}`, run.status)}`}>
            {run.states.map((state) => (
              <option key={state.state} value={sourceValue({ run: run.run, state: state.state })}>
                {`${stateName(state)} · ${run.title}`}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {taken && (
        <p class="s-fine s-muted" title={taken.left.join("\n")}>
          {taken.of === 0
            ? t("preview.taken.none")
            : taken.left.length === 0
              ? t("preview.taken.all", { count: taken.of })
              : t("preview.taken.some", { count: taken.taken, all: taken.of, names: taken.left.slice(0, 3).join(", ") + (taken.left.length > 3 ? " …" : "") })}
        </p>
      )}
    </div>
  );
}

/** What the node has learned, as pictures. */
export function KernelFold({ node, kernels }: { node: string; kernels: Kernels }) {
  const { name, names, shape, picture, grid, tiles, colours, channels } = kernels;
  const id = useId();
  const count = shape.at(-1) ?? 1;
  const byChannel = kernels.kind === "pictures" && channels !== null && channels > 1;
  return (
    <details class="s-group" open={kernelsOpen.value} onToggle={(event) => (kernelsOpen.value = event.currentTarget.open)}>
      <summary>
        {t("preview.kernels")}
        <span class="s-muted s-number">{shapeText(shape)}</span>
      </summary>
      <div class="s-preview-fold">
        {names.length > 1 && (
          <div class="s-preview-source">
            <label for={id}>{t("preview.kernels.which")}</label>
            <select id={id} class="s-select" value={name} onChange={(event) => look({ weight: event.currentTarget.value, weight_page: 0, weight_channel: null })}>
              {names.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </div>
        )}
        {(tiles || kernels.pages > 1) && (
          <div class="s-spread s-preview-row">
            {tiles ? <RangeSwitch /> : <span />}
            <Pager label={t("preview.pages.kernels")} page={kernels.page} pages={kernels.pages} onPage={(page) => look({ weight_page: page })} />
          </div>
        )}
        {byChannel && (
          <div class="s-spread s-preview-row">
            <span class="s-fine s-muted">{t("preview.kernels.channel")}</span>
            <Stepper
              label={t("preview.kernels.channel")}
              value={view.value.weight_channel}
              most={channels - 1}
              empty={t(colours ? "preview.kernels.mean" : "preview.kernels.rgb")}
              previous={t("preview.channel.previous")}
              next={t("preview.channel.next")}
              onChange={(channel) => look({ weight_channel: channel })}
            />
          </div>
        )}
        {tiles ? (
          <Opened
            key={`${node} ${name} ${kernels.page} ${kernels.channel}`}
            sheet={{ picture, grid, tiles }}
            alt={t("preview.kernels.alt", { count: tiles.length, node, size: shapeText(shape.slice(0, -2)) })}
            label={t("preview.kernels.open")}
            name={(tile: Tile) => t("preview.kernel.number", { kernel: tile.index })}
          />
        ) : (
          <Box ratio={Math.max(0.5, Math.min(4, grid.width / grid.height))}>
            <img class="s-stretched" src={picture} alt={t("preview.matrix.alt", { name, node, inputs: shape[0] ?? 1, outputs: count })} draggable={false} />
          </Box>
        )}
        <ColourBar colours={colours} />
        {!tiles && <p class="s-fine s-muted">{t("preview.matrix")}</p>}
        <Figures statistics={kernels.statistics} />
      </div>
    </details>
  );
}

/** Every weight of the node with its figures. */
export function WeightFold({ weights }: { weights: Weights }) {
  return (
    <details class="s-group" open={weightsOpen.value} onToggle={(event) => (weightsOpen.value = event.currentTarget.open)}>
      <summary>
        {t("preview.weights")}
        <span class="s-muted s-number" title={exact(weights.count)}>
          {short(weights.count)}
        </span>
      </summary>
      <div class="s-scroll s-preview-weights" tabIndex={0} role="group" aria-label={t("preview.weights")}>
        <table class="s-table">
          <thead>
            <tr>
              <th scope="col">{t("preview.weight.name")}</th>
              <th scope="col" class="s-right">
                {t("preview.weight.spread")}
              </th>
            </tr>
          </thead>
          <tbody>
            {weights.variables.map(({ name, shape, statistics }) => (
              <tr key={name}>
                <th scope="row">
                  {name}
                  <small class="s-muted s-number">{shapeText(shape)}</small>
                </th>
                <td class="s-right" title={`${statistics.mean} ± ${statistics.standard_deviation}`}>
                  {`${short(statistics.mean)} ± ${short(statistics.standard_deviation)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
