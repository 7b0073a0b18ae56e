// How often somebody may try to log in: a token bucket for each source and one for all together. Pure: time is an argument.

interface Bucket {
  level: number;
  atMs: number;
}

export interface AttemptRates {
  /** Attempts at once, and those that come back each minute. */
  readonly perSource: { readonly burst: number; readonly perMinute: number };
  readonly altogether: { readonly burst: number; readonly perMinute: number };
}

/** Against a password of 12 letters even the whole rate is nothing: 29,000 guesses a day. */
export const LOG_IN_RATES: AttemptRates = {
  perSource: { burst: 6, perMinute: 3 },
  altogether: { burst: 30, perMinute: 20 },
};

/** Sources remembered; the one that tried least recently is forgotten first. */
const MAX_SOURCES = 1024;
const MS_PER_MINUTE = 60_000;

export class AttemptLimit {
  readonly #sources = new Map<string, Bucket>();
  readonly #all: Bucket;
  readonly #rates: AttemptRates;

  constructor(rates: AttemptRates, nowMs: number) {
    this.#rates = rates;
    this.#all = { level: rates.altogether.burst, atMs: nowMs };
  }

  /** null: the attempt may be made and is counted. Otherwise the seconds, at least 1, after which one may be. */
  take(source: string, nowMs: number): number | null {
    const mine = this.#find(source, nowMs);
    refill(mine, this.#rates.perSource, nowMs);
    refill(this.#all, this.#rates.altogether, nowMs);
    const waits = [
      computeWaitSec(mine, this.#rates.perSource.perMinute),
      computeWaitSec(this.#all, this.#rates.altogether.perMinute),
    ];
    const waitSec = Math.max(...waits);
    if (waitSec > 0) return waitSec;
    mine.level -= 1;
    this.#all.level -= 1;
    return null;
  }

  /** The attempt was a right one: it does not count. */
  giveBack(source: string): void {
    const mine = this.#sources.get(source);
    if (mine) mine.level += 1;
    this.#all.level += 1;
  }

  #find(source: string, nowMs: number): Bucket {
    const known = this.#sources.get(source) ?? { level: this.#rates.perSource.burst, atMs: nowMs };
    this.#sources.delete(source);
    this.#sources.set(source, known);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > MAX_SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    return known;
  }
}

function refill(bucket: Bucket, { burst, perMinute }: { burst: number; perMinute: number }, nowMs: number): void {
  const back = (Math.max(0, nowMs - bucket.atMs) / MS_PER_MINUTE) * perMinute;
  bucket.level = Math.min(burst, bucket.level + back);
  bucket.atMs = nowMs;
}

function computeWaitSec({ level }: Bucket, perMinute: number): number {
  return level >= 1 ? 0 : Math.max(1, Math.ceil(((1 - level) / perMinute) * (MS_PER_MINUTE / 1000)));
}
