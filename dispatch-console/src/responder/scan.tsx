// Proof of arrival: the elder code at the door, seen by the camera where the phone can read codes, else typed.

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/dialog";
import { Input } from "../ui/field";
import { say } from "./session";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
declare const BarcodeDetector: { new (options: { formats: string[] }): Detector } | undefined;

/** Looks this often, in ms: a hand is steady for longer. */
const LOOK_MS = 300;

export function Scan({ incident, onLeave }: { incident: string; onLeave: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const send = (text: string) => {
    say((stamp) => ({ scan: { incident, code: text.trim(), ...stamp } }));
    onLeave();
  };
  return (
    <Dialog title={t("scan")} hint={t("scan_hint")} agree={t("scan_send")} disabled={!code.trim()} onAgree={() => send(code)} onLeave={onLeave}>
      {typeof BarcodeDetector !== "undefined" && <Camera onCode={send} />}
      <Input label={t("scan_type")} autoCapitalize="characters" value={code} onChange={(e) => setCode(e.target.value)} />
    </Dialog>
  );
}

function Camera({ onCode }: { onCode: (code: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const latest = useRef(onCode);
  latest.current = onCode;
  useEffect(() => {
    if (typeof BarcodeDetector === "undefined" || !navigator.mediaDevices) return;
    const detector = new BarcodeDetector({ formats: ["qr_code", "code_128"] });
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setInterval> | undefined;
    let gone = false;
    const look = async () => {
      const found = video.current ? await detector.detect(video.current).catch(() => []) : [];
      if (!gone && found[0]) latest.current(found[0].rawValue);
    };
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(
      (it) => {
        stream = it;
        if (gone || !video.current) return it.getTracks().forEach((track) => track.stop());
        video.current.srcObject = it;
        timer = setInterval(() => void look(), LOOK_MS);
      },
      // No camera, or not allowed: the code can be typed.
      () => undefined,
    );
    return () => {
      gone = true;
      clearInterval(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return <video ref={video} autoPlay muted playsInline className="aspect-square w-full rounded-lg bg-ground object-cover" />;
}
