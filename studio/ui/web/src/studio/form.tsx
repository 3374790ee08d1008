import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import type { Json } from "./drafts";
import { emptyMeans, type FieldSpec, innerProblem, inside, isNested, isShown, label, type Member, memberOf, read, same, type Values, withInner, written } from "./fields";
import { Icon } from "./icons";
import { native, t, tOr } from "./words";

/** Members within members; the server refuses more. */
const DEEPEST = 3;

/** Where a form finds the declarations of what is chosen inside its fields. */
export const Members = createContext<(field: FieldSpec, name: string) => Member | undefined>(() => undefined);

interface FieldProps {
  field: FieldSpec;
  /** undefined: not chosen, the default holds. */
  value: Json | undefined;
  /** Called with undefined when the default is to hold again. */
  onChange: (value: Json | undefined) => void;
  /** What the default is right now, where it depends on other things (dataset, network). */
  fallback?: Json | undefined;
  /** What the server said of the value. */
  problem?: string | undefined;
  disabled?: boolean;
  /** The fields around it, as in "block.kernel_regularizer.". */
  prefix?: string;
}

/** One labelled field with its unit, its problem, and a way back to the default. */
export function Field({ field, value, onChange, fallback = field.default, problem, disabled = false, prefix = "" }: FieldProps) {
  const id = useId();
  const shown = value === undefined ? fallback : value;
  const [text, setText] = useState(written(shown));
  const [wrong, setWrong] = useState<string | null>(null);
  const focused = useRef(false);
  useEffect(() => {
    if (!focused.current) {
      setText(written(shown));
      setWrong(null);
    }
  }, [JSON.stringify(shown)]);

  const name = label(field);
  const help = tOr(`help.${field.name}`, native(field.help));
  const membersOf = useContext(Members);
  const chosen = isNested(field) ? memberOf(shown) : "";
  const member = chosen ? membersOf(field, chosen) : undefined;
  const innerProblems = innerProblem(problem, member);
  const complaint = wrong ?? (problem === undefined || Object.keys(innerProblems).length > 0 ? null : native(problem));
  const changed = value !== undefined && !same(field, value, fallback);
  const common = {
    id,
    disabled,
    "data-testid": `param-${prefix}${field.name}`,
    "aria-describedby": complaint ? `${id}-problem` : help ? `${id}-help` : undefined,
    "aria-invalid": complaint !== null,
  };

  const typed = (entered: string) => {
    setText(entered);
    const reading = read(field, entered);
    if ("problem" in reading) {
      setWrong(reading.problem);
    } else {
      setWrong(null);
      onChange(reading.value);
    }
  };

  let control: ComponentChildren;
  if (isNested(field)) {
    const deepest = prefix.split(".").length >= DEEPEST;
    const wraps = (choice: string) => membersOf(field, choice)?.fields.some((each) => each.control === "block");
    control = (
      <select {...common} value={chosen} onChange={(event) => onChange(event.currentTarget.value === "" ? null : event.currentTarget.value)}>
        {field.optional && <option value="">{emptyMeans(help)}</option>}
        {field.choices
          .filter((choice) => choice === chosen || field.control !== "block" || !deepest || !wraps(choice))
          .map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
      </select>
    );
  } else if (field.control === "choice") {
    control = (
      <select {...common} value={written(shown)} onChange={(event) => onChange(event.currentTarget.value === "" ? null : event.currentTarget.value)}>
        {field.optional && <option value="">{emptyMeans(help)}</option>}
        {field.choices.map((choice) => (
          <option key={choice} value={choice}>
            {tOr(`choice.${choice}`, native(choice))}
          </option>
        ))}
      </select>
    );
  } else if (field.control === "boolean") {
    control = <input {...common} type="checkbox" checked={shown === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  } else {
    const numeric = field.control === "integer" || field.control === "number";
    control = (
      <span class="s-input">
        <input
          {...common}
          type="text"
          inputMode={field.control === "integer" ? "numeric" : numeric ? "decimal" : "text"}
          autocomplete="off"
          spellcheck={false}
          class={numeric ? "s-number" : ""}
          value={text}
          placeholder={field.optional ? emptyMeans(help) : ""}
          onFocus={() => {
            focused.current = true;
          }}
          onBlur={() => {
            focused.current = false;
            if (!wrong) setText(written(shown));
          }}
          onInput={(event) => typed(event.currentTarget.value)}
        />
        {field.unit && (
          <span class="s-unit" aria-hidden="true">
            {tOr(`unit.${field.unit}`, native(field.unit))}
          </span>
        )}
      </span>
    );
  }

  const back = (isNested(field) ? memberOf(fallback) : written(fallback)) || emptyMeans(help);
  return (
    <div class={`s-field s-field-${field.control}${complaint ? " s-wrong" : ""}`}>
      <label for={id} title={`${field.name}: ${help}`}>
        {name}
      </label>
      {changed && !disabled && (
        <button
          type="button"
          class="s-reset"
          title={t("form.reset", { value: back })}
          aria-label={`${name}: ${t("form.reset", { value: back })}`}
          onClick={() => {
            setWrong(null);
            setText(written(fallback));
            onChange(undefined);
          }}
        >
          <Icon name="reset" />
        </button>
      )}
      {control}
      {complaint ? (
        <p class="s-problem" id={`${id}-problem`} role="alert">
          {complaint}
        </p>
      ) : (
        help && (
          <p class="s-help" id={`${id}-help`}>
            {help}
            {member && ` ${native(member.summary)}`}
            {member?.formula && field.control === "setting" && <code class="s-formula">{member.formula}</code>}
          </p>
        )
      )}
      {member && member.fields.length > 0 && (
        <div class="s-nested" role="group" aria-label={`${name}: ${chosen}`}>
          <Form
            key={chosen}
            fields={member.fields}
            values={inside(shown)}
            problems={innerProblems}
            disabled={disabled}
            prefix={`${prefix}${field.name}.`}
            onChange={(inner, entered) => onChange(withInner(field, shown, member, inner, entered))}
          />
        </div>
      )}
    </div>
  );
}

interface FormProps {
  fields: FieldSpec[];
  values: Values;
  onChange: (name: string, value: Json | undefined) => void;
  /** Defaults that depend on other things, by field name. */
  fallbacks?: Values;
  /** The server's sentences by field name. */
  problems?: Record<string, string>;
  disabled?: boolean;
  /** The title of the closed group of rare fields. */
  more?: string;
  /** Of the form of a member: the fields around it. */
  prefix?: string;
}

/** The generated form of a declaration: frequent fields first, the rest in a closed group. */
export function Form({ fields, values, onChange, fallbacks = {}, problems = {}, disabled = false, more = t("form.more"), prefix = "" }: FormProps) {
  const visible = fields.filter((field) => isShown(field, fields, { ...fallbacks, ...values }));
  const draw = (field: FieldSpec) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name]}
      fallback={fallbacks[field.name] ?? field.default}
      problem={problems[field.name]}
      disabled={disabled}
      prefix={prefix}
      onChange={(value) => onChange(field.name, value)}
    />
  );
  const rare = visible.filter((field) => !field.frequent);
  return (
    <div class="s-form s-generated">
      {visible.filter((field) => field.frequent).map(draw)}
      {rare.length > 0 && (
        <details class="s-group" open={rare.some((field) => problems[field.name])}>
          <summary>{more}</summary>
          <div class="s-form">{rare.map(draw)}</div>
        </details>
      )}
    </div>
  );
}
