// The responder's link: hears offers, and says what is in the outbox one after the other, each until it is noted.

import { keyOf, type Heard, type Phone, type PhoneUpdate } from "../state/phone";
import { BROWSER, follow, type Line, type Surroundings } from "./line";
import type { Store } from "./store";

/** A hello asks for the state anew; its answer is how a dead line is noticed. */
const HELLO_EVERY_MS = 20_000;
const SILENCE_MS = 45_000;
/** What was not noted by then is said again, in ms. */
const AGAIN_MS = 5_000;

export interface LinkOf {
  url: string;
  phone: Store<Phone, PhoneUpdate>;
  again(): Promise<boolean>;
}

export interface Link {
  say(message: unknown): void;
  /** Something is in the outbox. */
  flush(): void;
  hurry(): void;
  stop(): void;
}

export function link({ url, phone, again }: LinkOf, around: Surroundings = BROWSER): Link {
  /** The key that is on its way, so that an order is kept and nothing is said twice on one line without need. */
  let saying: string | null = null;
  let forget: () => void = () => undefined;
  let beat: () => void = () => undefined;

  const line: Line = follow(
    {
      url,
      silenceMs: SILENCE_MS,
      opened: (say) => {
        say({ hello: {} });
        phone.tell({ type: "line", up: true });
        keepAsking();
        saying = null;
        flush();
      },
      heard: (message) => {
        phone.tell({ type: "heard", message: about(message as Heard, saying) });
        if (saying !== null && !phone.get().outbox.some((it) => keyOf(it) === saying)) saying = null;
        flush();
      },
      lost: () => {
        beat();
        forget();
        saying = null;
        phone.tell({ type: "line", up: false });
      },
      again,
    },
    around,
  );

  function keepAsking() {
    beat = around.after(HELLO_EVERY_MS, () => {
      line.say({ hello: {} });
      keepAsking();
    });
  }

  function flush() {
    const first = phone.get().outbox[0];
    if (!first || !phone.get().up || saying !== null) return;
    saying = keyOf(first);
    line.say(first);
    forget();
    forget = around.after(AGAIN_MS, () => {
      saying = null;
      flush();
    });
  }

  return {
    say: (message) => line.say(message),
    flush,
    hurry: line.hurry,
    stop: () => {
      beat();
      forget();
      line.stop();
    },
  };
}

/** What was not understood has no key in the answer: it is the word that is on its way, and saying it again is no use. */
function about(message: Heard, saying: string | null): Heard {
  if (!("problem" in message) || message.problem.key || saying === null) return message;
  return message.problem.code === "not_understood" ? { problem: { ...message.problem, key: saying } } : message;
}
