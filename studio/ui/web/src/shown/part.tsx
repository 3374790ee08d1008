import type { ComponentType } from "preact";

/** A value as the server shows it (`studio.ui.shown`); what else it holds follows its kind. */
export interface Part {
  kind: string;
  name?: string;
  role?: string;
  /** Height and width of a picture, in pixels. */
  size?: [number, number];
  /** The words above it, where it is an answer. */
  heading?: string;
}

export type Drawn<P extends object = object> = ComponentType<{ part: Part & P; alt: string }>;
type Tooled<P extends object = object> = ComponentType<{ parts: (Part & P)[] }>;

const drawings = new Map<string, { Drawing: Drawn<never>; big: boolean; Tools: Tooled<never> | undefined }>();

/**
 * Offers the drawing of a kind of parts; big ones are looked at first, the others stand in a list with their names.
 * Tools stand once above all parts of the kind that are shown together.
 */
export function offer<P extends object>(kind: string, Drawing: Drawn<P>, big = false, Tools?: Tooled<P>): void {
  drawings.set(kind, { Drawing: Drawing as unknown as Drawn<never>, big, Tools: Tools as unknown as Tooled<never> | undefined });
}

/** What stands above parts that are shown together: a legend, a slider ... */
export function Tools({ parts }: { parts: Part[] }) {
  const kinds = [...new Set(parts.map((part) => part.kind))];
  return (
    <>
      {kinds.map((kind) => {
        const Found = drawings.get(kind)?.Tools as unknown as Tooled | undefined;
        return Found && <Found key={kind} parts={parts.filter((part) => part.kind === kind)} />;
      })}
    </>
  );
}

/** One value: a picture, a text, a class, a number ... */
export function Shown({ part, alt = "" }: { part: Part; alt?: string }) {
  const found = drawings.get(part.kind);
  if (!found) return null;
  const Drawing = found.Drawing as unknown as Drawn;
  return <Drawing part={part} alt={alt || (part.name ?? "")} />;
}

/** The parts of one sample: what is looked at first, then the rest with its name. */
export function Parts({ parts }: { parts: Part[] }) {
  const isBig = (part: Part): boolean => drawings.get(part.kind)?.big ?? false;
  const big = parts.filter(isBig);
  const small = parts.filter((part) => !isBig(part));
  return (
    <div class="s-parts">
      {big.length > 0 && (
        <div class="s-parts-big">
          {big.map((part) => (
            <figure key={part.name}>
              <Shown part={part} />
              {big.length > 1 && (
                <figcaption class="s-muted">
                  {part.name}
                  {part.size && <span class="s-number">{`${part.size[0]} × ${part.size[1]} px`}</span>}
                </figcaption>
              )}
            </figure>
          ))}
        </div>
      )}
      {small.length > 0 && (
        <dl>
          {small.map((part) => (
            <div key={part.name} class={part.role === "target" ? "s-parts-target" : ""}>
              <dt>{part.name}</dt>
              <dd>
                <Shown part={part} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
