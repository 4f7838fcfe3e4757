// An offer fills the screen: how long to answer, what, where, how far; and one large button each.

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { distance } from "../i18n/sentence";
import type { Offer, Where } from "../state/phone";
import { ageWords, useNow } from "../ui/time";
import { urgencyText } from "../ui/urgency";
import { allowAlert, useAlert } from "./alert";
import { Big, Block, Frame } from "./frame";
import { phone, tellLink, usePhone } from "./session";

export function OfferScreen({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  const now = useNow();
  const answering = usePhone((it) => it.answering.includes(offer.offer));
  const left = Math.max(0, Date.parse(offer.expires_at) - now);
  // The ring is full when the offer is first seen here.
  const whole = useRef(Math.max(1, left));
  useAlert(!answering);
  useEffect(() => tellLink({ shown: { offer: offer.offer } }), [offer.offer]);
  useEffect(() => {
    if (left === 0) phone.tell({ type: "expired", offer: offer.offer });
  }, [left, offer.offer]);

  const answer = (accept: boolean) => {
    allowAlert();
    tellLink(accept ? { accept: { offer: offer.offer } } : { decline: { offer: offer.offer } });
    phone.tell({ type: "answered", offer: offer.offer, accept });
  };
  return (
    <Frame
      status={t("on_duty")}
      foot={
        <>
          <Big look="go" disabled={answering} onClick={() => answer(true)}>{t(answering ? "answering" : "accept")}</Big>
          <Big disabled={answering} onClick={() => answer(false)}>{t("decline")}</Big>
        </>
      }
    >
      <Ring part={Math.min(1, left / whole.current)} left={Math.min(left, whole.current)} urgency={offer.urgency} />
      <h1 className={`text-center text-4xl leading-tight font-bold ${urgencyText(offer.urgency)}`}>
        {t(`kind.${offer.kind}`)} <span className="text-lg font-normal text-dim">{t("urgency_n", { n: offer.urgency })}</span>
      </h1>
      {offer.leaves && <p role="note" className="rounded-md border border-line p-3 text-center text-lg text-bright">{t("turns_from", { incident: offer.leaves })}</p>}
      <p className="text-center text-lg text-dim empty:hidden">{(offer.about ?? []).map((it) => frailty(it, now, t)).filter(Boolean).join("；")}</p>
      <Block word={t(`place.${offer.place?.source ?? "premises"}`)}>
        {offer.place?.address ?? t(offer.place ? `place.${offer.place.source}` : "no_place")}
        <span className="block text-base text-dim">{placeAge(offer.place, t)}</span>
      </Block>
      <div className="grid grid-cols-2 gap-3">
        <Block word={t("arrive_in")}><b className="text-2xl">{t("minutes", { n: Math.max(1, Math.round(offer.eta_s / 60)) })}</b></Block>
        <Block word={[t("distance"), offer.travel && t(`travel.${offer.travel}`)].filter(Boolean).join(" · ")}><b className="text-2xl">{distance(offer.distance_m)}</b></Block>
      </div>
    </Frame>
  );
}

/** Of whom only the year of birth is told. */
function frailty(it: NonNullable<Offer["about"]>[number], now: number, t: (key: string, more?: { n: number }) => string): string {
  const age = it.birth_year === null ? [] : [t("years", { n: new Date(now).getUTCFullYear() - it.birth_year })];
  return [...age, ...it.risks.map((risk) => t(`risk.${risk}`))].join(" · ");
}

export function placeAge(place: Where | null, t: (key: string, more?: { n: number }) => string): string {
  if (!place || place.source === "premises") return place ? t("at_home") : "";
  return place.age_s === undefined ? "" : t(...ageWords(place.age_s));
}

function Ring({ part, left, urgency }: { part: number; left: number; urgency: number }) {
  const { t } = useTranslation();
  const [radius, width] = [86, 10];
  const round = 2 * Math.PI * radius;
  return (
    <div role="timer" className="relative mx-auto size-[clamp(104px,20vh,196px)] shrink-0">
      <svg aria-hidden="true" viewBox="0 0 196 196" className="size-full -rotate-90">
        <circle cx="98" cy="98" r={radius} fill="none" strokeWidth={width} stroke="var(--line)" />
        <circle cx="98" cy="98" r={radius} fill="none" strokeWidth={width} strokeLinecap="round" stroke={`var(--u${Math.min(3, urgency)})`} strokeDasharray={`${round * part} ${round}`} className="transition-[stroke-dasharray] duration-1000 ease-linear" />
      </svg>
      <p className="absolute inset-0 grid place-content-center text-center">
        <b className="text-[clamp(38px,8vh,72px)] leading-none text-bright">{Math.ceil(left / 1000)}</b>
        <span className="text-dim">{t("seconds_to_answer")}</span>
      </p>
    </div>
  );
}
