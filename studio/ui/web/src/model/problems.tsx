import { native, t } from "@studio";
import { type Edit, edit } from "./edits";
import type { Message } from "./graph";
import { network, problem, select } from "./state";

const SIGNS = { error: "✕", warning: "!", hint: "i" } as const;
const RANK = { error: 0, warning: 1, hint: 2 } as const;

/** Findings in a list, the worst first: each leads to its node, and to its mending where that is known. */
export function Findings({ messages, jump = false }: { messages: Message[]; jump?: boolean }) {
  if (messages.length === 0) return null;
  const sorted = [...messages].sort((left, right) => RANK[left.severity] - RANK[right.severity]);
  return (
    <ul class="s-messages" aria-label={t("model.problems")}>
      {sorted.map((message, index) => (
        <li key={`${message.node} ${message.text} ${index}`} class={`s-message-${message.severity}`} data-rule={message.rule || undefined}>
          <span class="s-message-sign" role="img" aria-label={t(`model.severity.${message.severity}`)}>
            {SIGNS[message.severity]}
          </span>
          <span>
            {jump && message.node && (
              <>
                <button type="button" class="s-message-node" onClick={() => select(message.node)}>
                  {message.node}
                </button>{" "}
              </>
            )}
            {native(message.text)} <em>{native(message.fix)}</em>
            {message.why && <span class="s-why">{native(message.why)}</span>}
          </span>
          {message.edits && message.edits.length > 0 && (
            <button type="button" class="s-button s-small s-fix" onClick={() => void edit(message.edits as Edit[])}>
              {message.button ? native(message.button) : t("canvas.fix")}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Everything that was found about the network. */
export function Problems() {
  const now = network.value;
  const messages = now?.analysis?.messages ?? [];
  const whole = problem.value ?? (now?.problem && Object.keys(now.field_problems).length === 0 ? now.problem : null);
  return (
    <>
      {whole && (
        <p class="s-problem s-large" role="alert">
          {native(whole)}
        </p>
      )}
      <Findings messages={messages} jump />
      {!whole && messages.length === 0 && <p class="s-muted">{t("canvas.problems.none")}</p>}
    </>
  );
}
