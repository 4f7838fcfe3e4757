// The live feed: connects, says what was seen last, and comes back by itself. Knows nothing of the board but its hello.

/** The server says something at least every 10 s; after this much silence, in ms, the line counts as lost. */
const SILENCE_MS = 25_000;

/** The next try comes after this, in ms, doubled up to the most, with some chance so that consoles do not come back together. */
const AGAIN_MS = 500;
const AGAIN_MAX_MS = 8_000;

/**
 * `ask`: makes the hello of each connection. `tell`: takes updates for the reducer. `lost`: called after each loss;
 * answers whether to try again. Returns `{again, stop}`.
 */
export function follow({ url, ask, tell, lost }) {
  let socket = null;
  let wait = AGAIN_MS;
  let silence = null;
  let retry = null;
  let stopped = false;

  function hush() {
    clearTimeout(silence);
    silence = setTimeout(() => drop(socket), SILENCE_MS);
  }

  function connect() {
    const mine = new WebSocket(url);
    socket = mine;
    mine.onopen = () => {
      mine.send(JSON.stringify(ask()));
      hush();
    };
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      hush();
      wait = AGAIN_MS;
      tell({ type: "line_up" });
      tell({ type: "message", message: JSON.parse(data), at: Date.now() });
    };
    mine.onclose = () => drop(mine);
  }

  function drop(mine) {
    if (mine !== socket || stopped) return;
    socket = null;
    clearTimeout(silence);
    mine?.close();
    tell({ type: "line_lost", at: Date.now() });
    retry = setTimeout(async () => {
      wait = Math.min(wait * 2, AGAIN_MAX_MS);
      if (await lost()) connect();
    }, wait * (0.75 + Math.random() / 2));
  }

  connect();
  return {
    /** Begins anew, with a new hello. */
    again: () => {
      if (socket) drop(socket);
    },
    stop: () => {
      stopped = true;
      clearTimeout(silence);
      clearTimeout(retry);
      socket?.close();
    },
  };
}
