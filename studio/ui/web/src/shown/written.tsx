import { percent, t } from "@studio";
import { offer } from "./part";

interface Alignment {
  source: string[];
  said: string[];
  /** A row for each token of the answer: how much of the attention each token of the source got. */
  weights: number[][];
}

interface Writing {
  text: string;
  probability: number | null;
  alternatives: { text: string; probability: number }[];
  alignment: Alignment | null;
}

const visible = (token: string): string => (token.trim() === "" && token !== "" ? "␣" : token.trim());

offer<{ pieces: [string, string][] }>("difference", ({ part }) => (
  <p class="s-part-text s-difference" dir="auto">
    {part.pieces.map(([kind, text], place) =>
      kind === "same" ? (
        <span key={place}>{text}</span>
      ) : kind === "missing" ? (
        <del key={place} title={t("shown.missing")}>
          {text}
        </del>
      ) : (
        <ins key={place} title={t("shown.wrong")}>
          {text}
        </ins>
      ),
    )}
    {part.pieces.length === 0 && <span class="s-muted">{t("shown.notext")}</span>}
  </p>
));

offer<Writing>("writing", ({ part }) => (
  <div class="s-writing">
    <p class="s-written" dir="auto">
      {part.text || <span class="s-muted">{t("shown.notext")}</span>} {part.probability !== null && <small class="s-number s-muted">{percent(part.probability)}</small>}
    </p>
    {part.alternatives.length > 0 && (
      <section>
        <h4>{t("shown.alternatives")}</h4>
        <ol class="s-alternatives">
          {part.alternatives.map((other) => (
            <li key={other.text}>
              <span dir="auto">{other.text || <span class="s-muted">{t("shown.notext")}</span>}</span> <small class="s-number s-muted">{percent(other.probability)}</small>
            </li>
          ))}
        </ol>
      </section>
    )}
    {part.alignment && (
      <section>
        <h4>{t("shown.alignment")}</h4>
        <p class="s-muted">{t("shown.alignment.help")}</p>
        <Alignments {...part.alignment} />
      </section>
    )}
  </div>
));

/** A heat map with the source above and the answer at the side. */
function Alignments({ source, said, weights }: Alignment) {
  const hasWords = source.some((token) => token.trim().length > 2);
  return (
    <div class={`s-scroll s-alignment ${hasWords ? "s-of-words" : ""}`}>
      <table>
        <thead>
          <tr>
            <td />
            {source.map((token, place) => (
              <th scope="col" key={place}>
                <span>{visible(token)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weights.map((row, line) => (
            <tr key={line}>
              <th scope="row">{visible(said[line] ?? "") || <span class="s-muted">{t("shown.end")}</span>}</th>
              {row.map((weight, place) => (
                <td
                  key={place}
                  style={{ "--s-share": String(Math.min(1, weight)) }}
                  title={t("shown.alignment.cell", { said: visible(said[line] ?? "") || t("shown.end"), source: visible(source[place] ?? ""), share: percent(weight) })}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
