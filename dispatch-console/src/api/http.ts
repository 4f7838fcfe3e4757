// One call of the service: JSON in and out, the session's cookie, the token against forged calls, and refusals as
// values with a code.

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly body: Record<string, unknown>,
  ) {
    super(`${status} ${code}`);
  }

  /** This service does not have that path yet. */
  get unavailable(): boolean {
    return this.status === 404 && this.code === "no_such_path";
  }
}

let csrf: string | null = null;

/** What calls that change something say beside the cookie. */
export function useToken(token: string | null): void {
  csrf = token;
}

const JSON_HEADERS = { "Content-Type": "application/json" };

export async function ask<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
  const headers: Record<string, string> = { ...(body === undefined ? {} : JSON_HEADERS), ...more };
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  const text = body === undefined || typeof body === "string" ? (body as string | undefined) : JSON.stringify(body);
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: text, credentials: "same-origin" });
  if (answer.status === 204) return undefined as T;
  const told: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refused(answer.status, told as Record<string, unknown>);
  return told as T;
}

export const get = <T>(path: string) => ask<T>("GET", path);

/** The same key makes a repeated call the same act: a press that is sent twice is taken once. */
export const post = <T>(path: string, body: unknown) => ask<T>("POST", path, body, { "Idempotency-Key": crypto.randomUUID() });

function refused(status: number, body: Record<string, unknown>): Refused {
  return new Refused(status, String(body.code ?? "unknown"), String(body.detail ?? ""), body);
}

export function query(parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}
