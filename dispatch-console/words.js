// The words on the page, in Chinese and English: those of the project's design. An unknown word shows itself.

const zh = {
  sign_in: "登录", sign_out: "退出", name: "账号", secret: "密钥", other_language: "English",
  sign_in_hint: "演示：账号与密钥在启动 tidewatch demo 的终端里。所有人物均为虚构。",
  wrong_secret: "账号与密钥不符。", slow_down: "尝试过多，请稍候。", no_service: "服务没有回应。", no_board: "此账号看不了席位。",
  incidents: "待处置", none_open: "此刻没有待处置的事件。", map: "地图", responders: "救援员", feed: "经过",
  responder: "救援员", tier: "身份", state: "状态", incident: "事件", position_age: "定位", base: "驻点",
  open: "进行中", unowned: "无人认领", under_way: "前往中", at_doors: "已到门", overdue: "超时", free_responders: "空闲救援员",
  live: "实时", seq: "序号", connecting: "连接中", lost: "连接已中断", lost_since: "以下是中断前的情况，正在重连。", seconds: "秒", gap: "收到的序号不连续，正在重取全部。",
  door: "到门", answer: "应答", offer: "接单", reached: "已到门", presses: "次求救", owner_none: "无人认领", escalated_to: "升级", no_place: "位置不明", eta: "预计",
  minutes: "分", urban: "城区", rural: "镇村", premises: "在家", fix: "定位", last_known: "最后位置", call: "来电", from_base: "驻点",
  urgency_1: "紧急 1", urgency_2: "紧急 2", urgency_3: "紧急 3", legend_way: "前往中", legend_free: "空闲", legend_busy: "被询问或在现场",
  "kind.sos": "求救", "kind.fall": "跌倒", "kind.smoke": "烟雾", "kind.gas": "燃气", "kind.carbon_monoxide": "一氧化碳", "kind.water_leak": "漏水",
  "kind.inactivity": "久无活动", "kind.wandering": "走失", "kind.vital": "体征异常", "kind.medical": "急病", "kind.intruder": "闯入", "kind.duress": "胁迫",
  "kind.no_response": "无人应答", "kind.unreadable": "无法识别", "kind.low_battery": "电量低", "kind.cancel": "撤销", "kind.restore": "复位",
  "kind.offline": "离线", "kind.mains_fail": "停电", "kind.tamper": "摘下", "kind.fault": "故障", "kind.test": "测试",
  "stage.waiting": "待处置", "stage.offering": "询问中", "stage.assigned": "已接单", "stage.en_route": "前往中", "stage.at_door": "到门", "stage.inside": "入户", "stage.escalated": "已升级",
  "who.free": "空闲", "who.off_duty": "离岗", "who.offered": "被询问", "who.accepted": "已接单", "who.en_route": "前往中", "who.at_door": "到门", "who.inside": "入户",
  "tier.staff": "护理员", "tier.volunteer": "志愿者", "tier.keyholder": "持钥匙人",
  "event.signal_received": "收到信号", "event.alarm_attached": "再次求救", "event.alarm_cancelled": "设备撤销", "event.unknown_device": "未登记设备", "event.incident_opened": "事件开启",
  "event.urgency_raised": "紧急度升高", "event.incident_claimed": "认领", "event.claim_lease_changed": "认领时限变更", "event.incident_released": "交还", "event.offer_made": "派单",
  "event.nobody_available": "暂无人可派", "event.offer_shown": "已看到派单", "event.offer_accepted": "接单", "event.offer_declined": "不能去", "event.offer_expired": "未应答",
  "event.offer_withdrawn": "撤回派单", "event.responder_en_route": "前往", "event.responder_at_door": "到门", "event.responder_inside": "入户", "event.responder_clear": "完成",
  "event.arrival_predicted": "预计到门更新", "event.duty_changed": "上岗或离岗", "event.sla_warned": "承诺将误", "event.sla_breached": "承诺已误", "event.sla_met": "承诺已守",
  "event.incident_escalated": "升级", "event.task_due": "待办任务", "event.task_confirmed": "任务已确认", "event.incident_corrected": "更正", "event.incident_merged": "并案",
  "event.incident_unattended": "认领后无动作", "event.incident_closed": "结案", "event.incident_reopened": "重开", "event.note_added": "备注", "event.call_ringing": "热线来电",
  "event.call_answered": "热线接听", "event.call_ended": "通话结束", "event.call_abandoned": "来电挂断", "event.call_joined": "来电并入事件", "event.call_returned": "已回拨",
  "event.device_offline": "设备失联", "event.device_restored": "设备恢复", "event.outage_declared": "大面积失联", "event.outage_over": "失联结束", "event.windows_renewed": "重启后续时",
  "disposition.helped": "已帮助", "disposition.hospital": "送医", "disposition.no_help_needed": "无需帮助", "disposition.false_alarm": "误报", "disposition.test": "测试",
  "disposition.no_contact": "未能联系", "disposition.duplicate": "重复", "disposition.handed_over": "移交", "disposition.other": "其他",
  "clock.answer": "应答", "clock.door": "到门",
};

const en = {
  sign_in: "Sign in", sign_out: "Sign out", name: "Account", secret: "Secret", other_language: "中文",
  sign_in_hint: "Demo: account and secret are in the terminal where tidewatch demo was started. All people are invented.",
  wrong_secret: "Account and secret do not match.", slow_down: "Too many tries, please wait.", no_service: "The service does not answer.", no_board: "This account may not look at the board.",
  incidents: "Open incidents", none_open: "No incident is open now.", map: "Map", responders: "Responders", feed: "As it happens",
  responder: "Responder", tier: "Tier", state: "State", incident: "Incident", position_age: "Position", base: "base",
  open: "open", unowned: "without owner", under_way: "on the way", at_doors: "at the door", overdue: "overdue", free_responders: "free responders",
  live: "live", seq: "seq", connecting: "connecting", lost: "The line is lost", lost_since: "What follows is from before that; reconnecting.", seconds: "s", gap: "The feed had a gap; fetching everything anew.",
  door: "door", answer: "answer", offer: "offer", reached: "at the door", presses: "presses", owner_none: "nobody owns it", escalated_to: "escalated", no_place: "place unknown", eta: "ETA",
  minutes: "min", urban: "urban", rural: "rural", premises: "at home", fix: "fix", last_known: "last known", call: "call", from_base: "base",
  urgency_1: "urgency 1", urgency_2: "urgency 2", urgency_3: "urgency 3", legend_way: "on the way", legend_free: "free", legend_busy: "asked or on site",
  "kind.sos": "SOS", "kind.fall": "Fall", "kind.smoke": "Smoke", "kind.gas": "Gas", "kind.carbon_monoxide": "Carbon monoxide", "kind.water_leak": "Water leak",
  "kind.inactivity": "Inactivity", "kind.wandering": "Wandering", "kind.vital": "Vital sign", "kind.medical": "Medical", "kind.intruder": "Intruder", "kind.duress": "Duress",
  "kind.no_response": "No response", "kind.unreadable": "Unreadable", "kind.low_battery": "Low battery", "kind.cancel": "Cancel", "kind.restore": "Restore",
  "kind.offline": "Offline", "kind.mains_fail": "Mains failure", "kind.tamper": "Taken off", "kind.fault": "Fault", "kind.test": "Test",
  "stage.waiting": "waiting", "stage.offering": "offering", "stage.assigned": "assigned", "stage.en_route": "en route", "stage.at_door": "at door", "stage.inside": "inside", "stage.escalated": "escalated",
  "who.free": "free", "who.off_duty": "off duty", "who.offered": "asked", "who.accepted": "assigned", "who.en_route": "en route", "who.at_door": "at door", "who.inside": "inside",
  "tier.staff": "staff", "tier.volunteer": "volunteer", "tier.keyholder": "keyholder",
  "event.signal_received": "signal received", "event.alarm_attached": "pressed again", "event.alarm_cancelled": "cancelled by device", "event.unknown_device": "unknown device", "event.incident_opened": "incident opened",
  "event.urgency_raised": "urgency raised", "event.incident_claimed": "claimed", "event.claim_lease_changed": "claim lease changed", "event.incident_released": "released", "event.offer_made": "offer made",
  "event.nobody_available": "nobody available", "event.offer_shown": "offer shown", "event.offer_accepted": "accepted", "event.offer_declined": "declined", "event.offer_expired": "no answer",
  "event.offer_withdrawn": "offer withdrawn", "event.responder_en_route": "en route", "event.responder_at_door": "at the door", "event.responder_inside": "inside", "event.responder_clear": "clear",
  "event.arrival_predicted": "new ETA", "event.duty_changed": "duty changed", "event.sla_warned": "promise at risk", "event.sla_breached": "promise missed", "event.sla_met": "promise kept",
  "event.incident_escalated": "escalated", "event.task_due": "task due", "event.task_confirmed": "task confirmed", "event.incident_corrected": "corrected", "event.incident_merged": "merged",
  "event.incident_unattended": "unattended", "event.incident_closed": "closed", "event.incident_reopened": "reopened", "event.note_added": "note", "event.call_ringing": "hotline rings",
  "event.call_answered": "call answered", "event.call_ended": "call ended", "event.call_abandoned": "call abandoned", "event.call_joined": "call joined", "event.call_returned": "called back",
  "event.device_offline": "device offline", "event.device_restored": "device restored", "event.outage_declared": "outage declared", "event.outage_over": "outage over", "event.windows_renewed": "windows renewed",
  "disposition.helped": "helped", "disposition.hospital": "hospital", "disposition.no_help_needed": "no help needed", "disposition.false_alarm": "false alarm", "disposition.test": "test",
  "disposition.no_contact": "no contact", "disposition.duplicate": "duplicate", "disposition.handed_over": "handed over", "disposition.other": "other",
  "clock.answer": "answer", "clock.door": "door",
};

export const WORDS = { zh, en };

/** The word for `key`, or its last part: a word of a later version is better shown raw than hidden. */
export function wordsOf(language) {
  return (key) => WORDS[language][key] ?? String(key).split(".").pop().replaceAll("_", " ");
}
