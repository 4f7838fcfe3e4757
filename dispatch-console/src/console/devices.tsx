// Supervision: outages as one thing, silent devices, low batteries, and devices that nobody knows yet.

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/client";
import { adopt, devices, type DeviceState } from "../api/registry";
import { usePerson } from "../api/persons";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Input } from "../ui/field";
import { List, type Column } from "../ui/list";
import { Card } from "../ui/panel";
import { dateAndClock } from "../ui/time";
import { toast } from "../ui/toasts";
import { explain } from "./acts";
import { usePlaces } from "./map/places";
import { Awaited as Read, Page } from "./page";
import { PersonPicker } from "./person-picker";
import { useBoard } from "./session";
import { useSilentDevices } from "./top-bar";

/** Batteries tell nothing of their own; they are asked for, in ms. */
const EVERY_MS = 30_000;

export function DevicesView() {
  const { t } = useTranslation();
  const news = useBoard((it) => it.news.devices);
  const silent = useSilentDevices();
  const places = usePlaces(outagesOf(silent.data).length > 0);
  const low = useQuery({ queryKey: ["devices", "low_battery", news], queryFn: () => devices("low_battery"), refetchInterval: EVERY_MS, placeholderData: (old) => old });
  const unknown = useQuery({ queryKey: ["devices", "unknown", news], queryFn: api.unknownDevices, placeholderData: (old) => old });
  const outages = outagesOf(silent.data);
  /** A village by its name where one is known, a listener by its own. */
  const nameOf = ({ kind, place }: Told["outages"][number]) => {
    if (kind === "unknown_devices") return t("outage_unknown", { place });
    if (kind === "silent_district") return t("outage_district");
    return places.find((it) => it.code !== null && it.code === place)?.name ?? place ?? t("outage_somewhere");
  };
  return (
    <Page title={t("devices")}>
      {outages.length > 0 && (
        <Card title={t("outages")}>
          <ul className="grid gap-1">
            {outages.map((it) => (
              <li key={it.id} className="flex gap-4">
                <time dateTime={it.since} className="text-dim">{dateAndClock(it.since)}</time>
                <b className="text-bright">{t("outage_of", { place: nameOf(it), n: it.devices })}</b>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Card title={t("devices_silent")}>
        <Read asked={silent} empty={(it) => it.devices.length === 0}>{(it) => <Devices label={t("devices_silent")} rows={it.devices} />}</Read>
      </Card>
      <Card title={t("devices_low")}>
        <Read asked={low} empty={(it) => it.devices.length === 0}>{(it) => <Devices label={t("devices_low")} rows={it.devices} />}</Read>
      </Card>
      <Card title={t("devices_unknown")}>
        <Read asked={unknown} empty={(it) => it.length === 0}>{(it) => <Unknown rows={it} changed={() => void unknown.refetch()} />}</Read>
      </Card>
    </Page>
  );
}

type Told = Awaited<ReturnType<typeof devices>>;

function outagesOf(it: Told | undefined): Told["outages"] {
  return it?.outages ?? [];
}

function Whose({ subject }: { subject: string }) {
  const person = usePerson(subject);
  return (
    <span>
      {person?.name ?? subject} <span className="text-dim">{person?.address}</span>
    </span>
  );
}

function Devices({ label, rows }: { label: string; rows: DeviceState[] }) {
  const { t } = useTranslation();
  const columns = useMemo(
    (): Column<DeviceState>[] => [
      { id: "id", head: t("device"), by: (it) => it.id, cell: (it) => it.id },
      { id: "subject", head: t("subject"), by: (it) => it.subject, cell: (it) => <Whose subject={it.subject} /> },
      { id: "last", head: t("last_seen"), by: (it) => it.last_seen ?? "", cell: (it) => (it.last_seen ? dateAndClock(it.last_seen) : "–") },
      { id: "silent", head: t("silent_since"), by: (it) => it.silent_since ?? "", cell: (it) => (it.silent_since ? dateAndClock(it.silent_since) : "–") },
      { id: "battery", head: t("battery"), by: (it) => it.battery_pct ?? 101, cell: (it) => (it.battery_pct === null ? "–" : `${it.battery_pct}%`) },
    ],
    [t],
  );
  return <List label={label} rows={rows} columns={columns} keyOf={(it) => it.id} />;
}

function Unknown({ rows, changed }: { rows: api.UnknownDevice[]; changed: () => void }) {
  const { t } = useTranslation();
  const supervisor = useBoard((it) => it.me?.role === "supervisor");
  const [asking, setAsking] = useState<string | null>(null);
  const columns = useMemo(
    (): Column<api.UnknownDevice>[] => [
      { id: "device", head: t("device"), by: (it) => it.device, cell: (it) => it.device },
      { id: "kind", head: t("kind"), by: (it) => it.kind, cell: (it) => t(`kind.${it.kind}`) },
      { id: "first", head: t("first_seen"), by: (it) => it.first_at, cell: (it) => dateAndClock(it.first_at) },
      { id: "last", head: t("last_seen"), by: (it) => it.last_at, cell: (it) => dateAndClock(it.last_at) },
      { id: "count", head: t("count"), by: (it) => it.count, cell: (it) => it.count },
      { id: "adopt", head: t("adopt"), by: () => 0, cell: (it) => supervisor && <Button onClick={() => setAsking(it.device)}>{t("adopt")}</Button> },
    ],
    [t, supervisor],
  );
  return (
    <>
      <List label={t("devices_unknown")} rows={rows} columns={columns} keyOf={(it) => it.device} />
      {asking && <Adopt device={asking} onLeave={() => setAsking(null)} onDone={changed} />}
    </>
  );
}

function Adopt({ device, onLeave, onDone }: { device: string; onLeave: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const [id, setId] = useState("");
  const [subject, setSubject] = useState<string | null>(null);
  const [seconds, setSeconds] = useState("600");
  const agree = async () => {
    try {
      await adopt({ device, id: id.trim(), subject: subject ?? "", ...(seconds ? { supervision_s: Number(seconds) } : {}) });
      toast(t("done.saved"));
      onDone();
      onLeave();
    } catch (why) {
      toast(await explain(why), { bad: true });
    }
  };
  return (
    <Dialog title={`${t("adopt")} · ${device}`} agree={t("adopt")} disabled={!id.trim() || !subject} onAgree={() => void agree()} onLeave={onLeave}>
      <Input label={t("device_id")} autoFocus value={id} onChange={(e) => setId(e.target.value)} />
      <PersonPicker chosen={subject} choose={(it) => setSubject(it?.id ?? null)} />
      <Input label={t("supervision")} inputMode="numeric" value={seconds} onChange={(e) => setSeconds(e.target.value)} />
    </Dialog>
  );
}
