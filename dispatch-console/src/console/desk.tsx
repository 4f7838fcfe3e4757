// The console: the queue never leaves the screen; beside it the incident and the map, or another view.

import { useState } from "react";
import { AuditView } from "./audit";
import { DevicesView } from "./devices";
import { Footer } from "./footer";
import { HotlineView } from "./hotline";
import { IncidentPane } from "./incident/pane";
import { KeysHelp } from "./keys-help";
import { LineBanner } from "./line-banner";
import { Locked, useIdleLock } from "./lock";
import { MapPane } from "./map/pane";
import type { Picked } from "./map/picker";
import { NewIncident } from "./new-incident";
import { useNotices } from "./notices";
import { go, usePlace } from "./place";
import { QueuePane } from "./queue/pane";
import { RegistryView } from "./registry/view";
import { SearchBox } from "./search";
import { useBoard } from "./session";
import { useSound } from "./sound";
import { TopBar } from "./top-bar";
import { undoLast } from "../ui/toasts";
import { useKeys } from "../ui/keys";

/** What lies over the panes: the keys, or an incident that is being opened, with the place that was pointed at. */
type Over = "keys" | { at: Picked | null } | null;

export function Desk() {
  const me = useBoard((it) => it.me);
  const [soundOn, setSoundOn] = useState(true);
  const sound = useSound(soundOn);
  const [locked, setLocked] = useIdleLock();
  useNotices();
  if (locked && me) return <Locked name={me.name} onUnlocked={() => setLocked(false)} />;
  return <Panes sound={{ ...sound, on: soundOn, turn: setSoundOn }} lock={() => setLocked(true)} />;
}

export interface Sound {
  on: boolean;
  allowed: boolean;
  turn: (on: boolean) => void;
  allow: () => void;
}

function Panes({ sound, lock }: { sound: Sound; lock: () => void }) {
  const [over, setOver] = useState<Over>(null);
  const [searchFocus, setSearchFocus] = useState(0);
  const openNew = (at: Picked | null = null) => setOver({ at });
  useKeys({
    "?": () => setOver("keys"),
    "/": () => setSearchFocus((it) => it + 1),
    u: undoLast,
    h: () => go("hotline"),
    b: () => go("board"),
    i: () => openNew(),
  });
  return (
    <div className="flex h-full min-w-0 flex-col">
      <TopBar sound={sound} lock={lock} searchBox={<SearchBox focus={searchFocus} />} openNew={() => openNew()} />
      <LineBanner />
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(300px,25.8%)_minmax(0,1fr)] grid-rows-[minmax(0,1fr)]">
        <QueuePane />
        <Middle openNew={openNew} />
      </div>
      <Footer openKeys={() => setOver("keys")} />
      {over === "keys" && <KeysHelp onLeave={() => setOver(null)} />}
      {over !== null && over !== "keys" && <NewIncident at={over.at} onLeave={() => setOver(null)} />}
    </div>
  );
}

function Middle({ openNew }: { openNew: (at: Picked) => void }) {
  const { view, id } = usePlace();
  switch (view) {
    case "board":
      return (
        // With nothing chosen there is only to watch: the map has all the room.
        <main className={`grid min-h-0 min-w-0 ${id ? "grid-cols-[minmax(0,1fr)_minmax(300px,37%)] grid-rows-[minmax(0,1fr)]" : "grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]"}`}>
          <IncidentPane id={id} />
          <MapPane chosen={id} openAt={openNew} />
        </main>
      );
    case "hotline":
      return <HotlineView />;
    case "devices":
      return <DevicesView />;
    case "registry":
      return <RegistryView id={id} />;
    case "audit":
      return <AuditView />;
  }
}
