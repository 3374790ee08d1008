import { native } from "./words";

/** What went wrong with a request: `status` 0 means that the server could not be reached. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly body: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** The root under which the studio is served, with a trailing slash: "/" or, behind a proxy, "/prefix/". */
export const root: string = document.querySelector<HTMLMetaElement>('meta[name="studio-root"]')?.content ?? "/";

/** An address of the studio: `address("api/runs")`. */
export const address = (path: string): string => root + path.replace(/^\//, "");

/**
 * Calls a plain route and returns its JSON.
 *
 * Throws ApiError with the server's own sentence.
 */
export async function call<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path), {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("The studio does not answer.", 0);
  }
  if (response.status === 401) {
    location.assign(address(`login?next=${encodeURIComponent(location.pathname + location.search)}`));
  }
  const text = await response.text();
  let answer: Record<string, unknown> = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError(`The studio answered with something unreadable (${response.status}).`, response.status);
  }
  if (!response.ok) {
    const message = typeof answer.error === "string" ? answer.error : `The studio refused (${response.status}).`;
    throw new ApiError(message, response.status, answer);
  }
  return answer as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("POST", path, body);

/** The sentence of any thrown thing, in the language of the page. */
export const sentence = (error: unknown): string => native(error instanceof Error ? error.message : String(error));
