import { Form, type Fields, Icon, type Json, native, t } from "@studio";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Box } from "./canvas/scene";
import { scene } from "./canvas/view";
import { adding, edit, leaveField, paramsNow, removeNodes, setNodeParam } from "./edits";
import { useExplanation } from "./explain";
import { About, Numbers, Parts } from "./explained";
import { fieldProblems, otherProblems } from "./findings";
import { Findings } from "./problems";
import { Params } from "./params";
import { NodeTabs, Preview } from "./preview/preview";
import { tab } from "./preview/state";
import { blockForms, chosen, network, select, selected } from "./state";
import { Structure } from "./structure";

const MODULE = "module:";

/** The id of a node, typed in place; `onChange` would be each character here, as React has it. */
function Id({ box }: { box: Box }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current && document.activeElement !== field.current) field.current.value = box.id;
  }, [box.id]);
  return (
    <input
      ref={field}
      class="s-node-id"
      type="text"
      spellcheck={false}
      autocomplete="off"
      maxLength={120}
      pattern="[A-Za-z][A-Za-z0-9_]*"
      aria-label={t("canvas.node.id")}
      title={t("canvas.node.id.help")}
      data-testid="node-id"
      defaultValue={box.id}
      onChangeCapture={(event) => {
        const input = event.currentTarget;
        if (!input.reportValidity() || input.value === box.id) return;
        void edit({ do: "rename", node: box.path, name: input.value }).then((worked) => {
          if (!worked) input.value = box.id;
        });
      }}
    />
  );
}

/** What a node shares with others: its weights, or its module. */
function Sharing({ box }: { box: Box }) {
  const { reuse } = box.document;
  const place = box.place ? `${box.place}/` : "";
  const others = scene.value.boxes.filter((each) => each.place === box.place && each.document.reuse === box.id);
  const module = box.block.startsWith(MODULE) ? box.block.slice(MODULE.length) : null;
  const graph = network.value?.graph;
  const uses = graph ? [graph, ...Object.values(graph.modules)].flatMap((level) => Object.values(level.nodes)).filter((document) => document.block === box.block).length : 0;
  return (
    <>
      {reuse && (
        <p class="s-shared">
          <Icon name="link" />
          <span>
            {t("canvas.shares.with")}{" "}
            <button type="button" class="s-message-node" onClick={() => select(place + reuse)}>
              {reuse}
            </button>
          </span>
          <button type="button" class="s-button s-small" onClick={() => void edit({ do: "separate", node: box.path })}>
            {t("canvas.separate")}
          </button>
        </p>
      )}
      {others.length > 0 && (
        <p class="s-shared">
          <Icon name="link" />
          <span>
            {t("canvas.shared.by")}{" "}
            {others.map((each) => (
              <button key={each.path} type="button" class="s-message-node" onClick={() => select(each.path)}>
                {each.id}
              </button>
            ))}
          </span>
        </p>
      )}
      {module && (
        <p class="s-shared">
          <label class="s-module-name">
            {t("canvas.module.name")}
            <input
              key={module}
              type="text"
              spellcheck={false}
              autocomplete="off"
              maxLength={120}
              pattern="[A-Za-z][A-Za-z0-9_]*"
              title={t("canvas.node.id.help")}
              data-testid="module-name"
              defaultValue={module}
              onChangeCapture={(event) => {
                const input = event.currentTarget;
                if (!input.reportValidity() || input.value === module) return;
                void edit({ do: "rename_module", module, name: input.value }).then((worked) => {
                  if (!worked) input.value = module;
                });
              }}
            />
          </label>
          {uses > 1 && <span>{t("canvas.module.uses", { count: uses })}</span>}
          {uses > 1 && (
            <button type="button" class="s-button s-small" onClick={() => void edit({ do: "detach", node: box.path })}>
              {t("canvas.detach")}
            </button>
          )}
        </p>
      )}
    </>
  );
}

function Actions({ box }: { box: Box }) {
  return (
    <div class="s-row s-node-actions">
      {box.block !== "Output" && (
        <button type="button" class="s-button s-small" data-testid="layer-add" onClick={() => (adding.value = { kind: "after", node: box.path })}>
          <Icon name="plus" />
          {t("model.add")}
        </button>
      )}
      <button type="button" class="s-button s-small" onClick={() => (adding.value = { kind: "replace", node: box.path })}>
        {t("canvas.replace")}
      </button>
      {!box.document.reuse && box.block !== "Input" && box.block !== "Output" && (
        <button type="button" class="s-button s-small" title={t("canvas.reuse.help")} onClick={() => void edit({ do: "add", reuse: box.id, after: box.path })}>
          {t("canvas.reuse")}
        </button>
      )}
      <button type="button" class="s-button s-small" data-testid="layer-remove" aria-label={t("model.remove.of", { name: box.id })} onClick={() => void removeNodes([box.path])}>
        {t("model.remove")}
      </button>
    </div>
  );
}

function Node({ box }: { box: Box }) {
  return (
    <div class="s-inspected" data-testid={`inspector-${box.path}`} onFocusOut={() => leaveField()}>
      <NodeTabs />
      <div class="s-node-title">
        {box.place && <span class="s-muted s-node-place" title={box.place}>{`${box.place}/`}</span>}
        <Id key={box.path} box={box} />
      </div>
      {tab.value === "preview" ? <Preview path={box.path} /> : <Settings key={box.path} box={box} />}
    </div>
  );
}

function Settings({ box }: { box: Box }) {
  const form = blockForms.value[box.block];
  const now = network.value;
  const messages = now?.analysis?.messages ?? [];
  const { told, old } = useExplanation(box.path);
  const outer = box.place ? box.place.split("/")[0] : null;
  const becomesModule = outer && !(now?.graph?.nodes[outer]?.block ?? "").startsWith(MODULE);
  const owner = box.document.reuse ? scene.value.boxes.find((each) => each.place === box.place && each.id === box.document.reuse)?.document : box.document;
  return (
    <div class="s-inspected" role="tabpanel" aria-labelledby="node-tab-settings">
      <p>
        <strong>{form?.title ?? box.block.replace(MODULE, "")}.</strong> {native(form?.summary ?? "")}
      </p>
      <Sharing box={box} />
      <Actions box={box} />
      {form && (
        <Form
          key={box.path}
          fields={form.fields}
          values={paramsNow(box.path, (owner?.params ?? {}) as Fields)}
          problems={fieldProblems(messages, box.path, box.block)}
          onChange={(name, value) => setNodeParam([box.path], name, value)}
        />
      )}
      {/* what comes and goes while one types stands below the fields, so that none of them moves */}
      {becomesModule && <p class="s-muted s-fine">{t("canvas.becomes.module", { name: outer })}</p>}
      <Findings messages={otherProblems(messages, box.path, box.block, form)} />
      <Structure box={box} />
      {box.block !== "Input" && (
        <label class="s-check">
          <input type="checkbox" checked={box.document.trainable === false} onChange={(event) => void edit({ do: "describe", nodes: [box.path], trainable: !event.currentTarget.checked })} />
          {t("canvas.freeze")}
        </label>
      )}
      <Numbers path={box.path} told={told} old={old} />
      <Parts path={box.path} parts={told?.parts ?? []} />
      {form && (
        <details class="s-group">
          <summary>{t("canvas.about")}</summary>
          {form.usage && <p>{native(form.usage)}</p>}
          <About form={form} />
        </details>
      )}
    </div>
  );
}

/** Several nodes at once: those of one block share a form. */
function Many({ boxes }: { boxes: Box[] }) {
  const blocks = new Set(boxes.map((box) => box.block));
  const [block = ""] = blocks;
  const form = blocks.size === 1 ? blockForms.value[block] : undefined;
  const values: Fields = {};
  for (const field of form?.fields ?? []) {
    const given = new Set(boxes.map((box) => JSON.stringify(paramsNow(box.path, (box.document.params ?? {}) as Fields)[field.name] ?? field.default)));
    if (given.size === 1) values[field.name] = JSON.parse([...given][0] ?? "null") as Json;
  }
  // where they differ nothing is shown, rather than a default that none of them may have
  const fields = (form?.fields ?? []).map((field) => (field.name in values ? field : { ...field, default: null }));
  const mixed = (form?.fields ?? []).filter((field) => !(field.name in values)).map((field) => field.name);
  const paths = boxes.map((box) => box.path);
  return (
    <div class="s-inspected" data-testid="inspector-many" onFocusOut={() => leaveField()}>
      <h2>{t("canvas.many", { count: boxes.length })}</h2>
      <div class="s-row">
        <button type="button" class="s-button s-small" data-testid="layer-remove" onClick={() => void removeNodes(paths)}>
          {t("model.remove")}
        </button>
        <button type="button" class="s-button s-small" onClick={() => void edit({ do: "duplicate", nodes: paths })}>
          {t("canvas.duplicate")}
        </button>
      </div>
      {form ? (
        <>
          <p>{t("canvas.many.same", { title: form.title })}</p>
          <Form key={paths.join(" ")} fields={fields} values={values} onChange={(name, value) => setNodeParam(paths, name, value)} />
          {mixed.length > 0 && <p class="s-muted s-fine">{t("canvas.many.mixed", { names: mixed.map((name) => name.replaceAll("_", " ")).join(", ") })}</p>}
        </>
      ) : (
        <p class="s-muted">{t("canvas.many.different")}</p>
      )}
    </div>
  );
}

/** What is chosen: one node, several, or the network as a whole. */
export function Inspector() {
  const id = useId();
  const path = selected.value;
  const box = scene.value.boxes.find((each) => each.path === path);
  const boxes = scene.value.boxes.filter((each) => chosen.value.has(each.path));
  return (
    <section class="s-panel s-inspector" aria-label={t("canvas.inspector")} id={id}>
      {box ? <Node box={box} /> : boxes.length > 1 ? <Many boxes={boxes} /> : <Params />}
    </section>
  );
}
