// Web push: the browser's own address for this phone, told to the service.

import { pushKey, subscribePush } from "../api/channels";

export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (it) => it.charCodeAt(0));
}

export async function subscribe(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("notifications are not allowed");
  const registration = await navigator.serviceWorker.ready;
  const key = await pushKey();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error("the browser gave no address to send to");
  await subscribePush({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
}

/** Asked once, at a touch of the hand, without which browsers do not let a page ask. What was refused stays refused. */
export function askForPush(): void {
  if (canPush() && Notification.permission === "default") void subscribe().catch(() => undefined);
}
