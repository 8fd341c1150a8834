/** What Gaia says no with (RFC 9457), as an error that says what to do next. Needs nothing but the language. */

const LONGEST = 2000;

/** Text of somebody else for a log or a page: no control characters, none that turn the direction, not endless. */
export function visible(text: unknown, longest: number = LONGEST): string {
  const plain = String(text ?? '').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain;
}

/** `code` is a stable word: Gaia's docs/reference/errors.md lists its own; `gaia-…` are those of these modules. */
export class GaiaError extends Error {
  readonly code: string;
  /** Of the answer; 0 where nobody answered. */
  readonly status: number;
  /** Seconds after which the platform wants to be asked again, where it says so. */
  readonly retryAfter: number | undefined;

  constructor(code: string, detail: string, next: string, status: number = 0, retryAfter?: number) {
    super([detail.replace(/[.\s]*$/, '.'), next, `(${code})`].filter(Boolean).join(' '));
    this.name = 'GaiaError';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may be answered a little later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error that an answer is. `body` is what came, if it was JSON. */
export function problemOf(status: number, body: unknown, retryAfter?: string | null): GaiaError {
  const seconds = Number(retryAfter) > 0 ? Number(retryAfter) : undefined;
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof said.code !== 'string' || typeof said.detail !== 'string') {
    return new GaiaError(
      'gaia-unreadable',
      `${status} was answered, and nothing that is an answer of Gaia's`,
      'Look whether gaia.baseUrl names a server of Gaia, and what stands before it.',
      status,
      seconds,
    );
  }
  if (said.code === 'route-unknown') {
    return new GaiaError(
      'gaia-other-version',
      'the platform has no such route: it is of another version than this module, which speaks /api/v1',
      'Bring Gaia and the modules of Backstage to the same release.',
      status,
    );
  }
  const next = said.next as { words?: unknown } | null | undefined;
  return new GaiaError(visible(said.code, 100), visible(said.detail), visible(next?.words, 500), status, seconds);
}
