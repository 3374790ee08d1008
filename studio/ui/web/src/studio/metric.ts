import { tOr } from "./words";

/** A figure and the target that it belongs to: of networks with several targets the name begins with the target's. */
export function metricParts(name: string): { metric: string; target: string } {
  if (tOr(`metric.${name}`, "")) return { metric: name, target: "" };
  const words = name.split("_");
  for (let first = 1; first < words.length; first += 1) {
    const metric = words.slice(first).join("_");
    if (tOr(`metric.${metric}`, "")) return { metric, target: words.slice(0, first).join("_") };
  }
  return { metric: name, target: "" };
}

/** The name of a figure in words. */
export function metricName(name: string): string {
  const { metric, target } = metricParts(name);
  const words = tOr(`metric.${metric}`, metric.replaceAll("_", " "));
  return target ? `${target}: ${words}` : words;
}
