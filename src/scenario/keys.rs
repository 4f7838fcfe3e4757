//! The keys of a scenario: what each is to hold, and how it is written.

use crate::document::keys;

const SECONDS: &str = "a whole number of seconds, within a year";
const SPAN: &str = "seconds as one whole number or as [least, most], within a day";
const PERCENT: &str = "a whole number from 0 to 100";
const SHARE: &str = "a share from 0 to 1";
const COUNT_OF: &str = "a number, 0 or more";
const PROSE: &str = "text of 1 to 4,000 characters";
const FILE_NAME: &str = "the name of a file, relative to the scenario";
const MILLISECONDS: &str = "milliseconds, 0 or more";

keys! {
    TITLE = "title", "text of 1 to 500 characters on one line", r#"title = "A quiet evening""#;
    WHY = "why", PROSE, r#"why = "…""#;
    EXPECTED = "expected", PROSE, r#"expected = "…""#;

    WORLD = "world", "a table [world] with one of file, [world.generate], [world.tables]", "[world]";
    FILE = "file", FILE_NAME, r#"file = "worlds/haining.toml""#;
    GENERATE = "generate", "a table [world.generate]", "[world.generate]";
    TABLES = "tables", "a table [world.tables]", "[world.tables]";
    SEED = "seed", "a whole number, 0 or more", "seed = 1";
    DISTRICT = "district", "a district code of six digits", r#"district = "990001""#;
    LAT = "lat", "degrees from -90 to 90", "lat = 30.53";
    LON = "lon", "degrees from -180 to 180", "lon = 120.69";
    RADIUS_M = "radius_m", "a whole number of metres, 100 to 200,000 for a county, 1 or more around a place", "radius_m = 9000";
    TOWNS = "towns", "a whole number from 1 to 999", "towns = 6";
    HOMES = "homes", "a whole number from 1 to 1,000,000", "homes = 2000";
    RESPONDERS_COUNT = "responders", "a whole number from 0 to 20,000", "responders = 60";
    URBAN_PCT = "urban_pct", PERCENT, "urban_pct = 40";
    WATCH_PCT = "watch_pct", PERCENT, "watch_pct = 72";
    SENSOR_PCT = "sensor_pct", PERCENT, "sensor_pct = 33";
    STAFF_PCT = "staff_pct", PERCENT, "staff_pct = 40";
    SUPERVISION_S = "supervision_s", "a whole number of seconds up to a day, 0 for none", "supervision_s = 600";
    HOMES_FILE = "homes", FILE_NAME, r#"homes = "homes.csv""#;
    RESPONDERS_FILE = "responders", FILE_NAME, r#"responders = "responders.csv""#;
    NODES_FILE = "nodes", FILE_NAME, r#"nodes = "nodes.csv""#;
    ARCS_FILE = "arcs", FILE_NAME, r#"arcs = "arcs.csv""#;
    CLASS = "class", "urban or rural", r#"class = "urban""#;
    TIER = "tier", "keyholder, volunteer or staff", r#"tier = "staff""#;
    TRAVEL = "travel", "foot, ebike or car", r#"travel = "car""#;

    CLOCK = "clock", "a table [clock]", "[clock]";
    START = "start", "a time such as 2026-11-20T18:00:00+08:00", r#"start = "2026-11-20T18:00:00+08:00""#;
    LENGTH_S = "length_s", "a whole number of seconds, at most a year", "length_s = 14400";
    UTC_OFFSET_MIN = "utc_offset_min", "minutes ahead of UTC, -840 to 840", "utc_offset_min = 480";
    SPEED = "speed", "a whole number from 1 to 3,600", "speed = 1";
    PEOPLE_SPEED = "people_speed", "a whole number from 1 to 3,600", "people_speed = 1";

    PROMISE = "promise", "a table [promise]", "[promise]";
    ANSWER_PROMISE_S = "answer_s", SECONDS, "answer_s = 15";
    DOOR_URBAN_S = "door_urban_s", SECONDS, "door_urban_s = 1800";
    DOOR_RURAL_S = "door_rural_s", SECONDS, "door_rural_s = 3600";

    POISSON = "poisson", "a list of at most 32 tables [[poisson]]", "[[poisson]]";
    BURST = "burst", "a list of at most 32 tables [[burst]]", "[[burst]]";
    TRACE = "trace", "a list of at most 32 tables [[trace]]", "[[trace]]";
    SILENCE = "silence", "a list of at most 32 tables [[silence]]", "[[silence]]";
    HEARTBEATS = "heartbeats", "a table [heartbeats]", "[heartbeats]";
    KIND = "kind", "call, or a kind of signal that is no telemetry, such as sos, fall, mains_fail or cancel", r#"kind = "sos""#;
    A_DAY = "a_day", "how many on the average day, 0 to 10,000,000; or `per_home_day`, and not both", "a_day = 40";
    PER_HOME_DAY = "per_home_day", "how many per home and day, 0 to 1,000", "per_home_day = 0.02";
    CURVE = "curve", r#""day", "flat", or 24 weights from midnight on, not all 0"#, r#"curve = "day""#;
    AT_S = "at_s", SECONDS, "at_s = 3600";
    COUNT = "count", "a whole number from 1 to 1,000,000", "count = 40";
    WITHIN_S = "within_s", SECONDS, "within_s = 120";
    FOR_S = "for_s", SECONDS, "for_s = 1800";
    BACK_WITHIN_S = "back_within_s", SECONDS, "back_within_s = 30";
    SAYS = "says", "a technical kind of signal such as mains_fail", r#"says = "mains_fail""#;
    AROUND = "around", "a place as { lat, lon, radius_m }", "around = { lat = 30.53, lon = 120.69, radius_m = 400 }";
    FIX_PCT = "fix_pct", PERCENT, "fix_pct = 20";
    AGAIN_PCT = "again_pct", PERCENT, "again_pct = 8";
    CANCEL_PCT = "cancel_pct", PERCENT, "cancel_pct = 5";
    UNKNOWN_PCT = "unknown_pct", PERCENT, "unknown_pct = 2";
    EVERY_S = "every_s", "seconds, whole or not, from 0.01 to 86,400", "every_s = 300";
    WATCHES_A_LINE = "watches_a_line", "a whole number from 1 to 1,000", "watches_a_line = 50";
    HEARTBEATS_FROM_S = "from_s", SECONDS, "from_s = 20";

    RESPONDERS = "responders", "a table [responders] with tables for tiers", "[responders.staff]";
    STAFF = "staff", "a table [responders.staff]", "[responders.staff]";
    VOLUNTEER = "volunteer", "a table [responders.volunteer]", "[responders.volunteer]";
    KEYHOLDER = "keyholder", "a table [responders.keyholder]", "[responders.keyholder]";
    SHIFTS = "shifts", "a list of at most 32 shifts HH:MM-HH:MM", r#"shifts = ["07:00-19:00", "19:00-07:00"]"#;
    ACCEPT_PCT = "accept_pct", PERCENT, "accept_pct = 80";
    NO_PCT = "no_pct", PERCENT, "no_pct = 60";
    ANSWER_S = "answer_s", SPAN, "answer_s = [3, 15]";
    TRAVEL_PCT = "travel_pct", "percent of the estimate as one whole number or [least, most], 1 to 1,000", "travel_pct = [85, 130]";
    ON_SCENE_S = "on_scene_s", SPAN, "on_scene_s = [600, 1800]";
    TURNS_BACK_PCT = "turns_back_pct", PERCENT, "turns_back_pct = 2";
    LOST_A_DAY = "lost_a_day", "a whole number from 0 to 100", "lost_a_day = 4";
    LOST_S = "lost_s", SPAN, "lost_s = [30, 600]";

    OPERATORS = "operators", "a table [operators]", "[operators]";
    COUNT_OF_OPERATORS = "count", "a whole number from 1 to 1,000", "count = 2";
    CONSOLES = "consoles", "a whole number from 1 to 100,000", "consoles = 40";
    CLAIM_PCT = "claim_pct", PERCENT, "claim_pct = 70";
    CLAIM_S = "claim_s", SPAN, "claim_s = [5, 15]";
    CONFIRM_S = "confirm_s", SPAN, "confirm_s = [10, 40]";
    CLOSE_S = "close_s", SPAN, "close_s = [15, 60]";
    PICK_UP_S = "pick_up_s", SPAN, "pick_up_s = [3, 9]";
    TALK_S = "talk_s", SPAN, "talk_s = [40, 150]";
    PATIENCE_S = "patience_s", SPAN, "patience_s = [40, 120]";
    EMERGENCY_PCT = "emergency_pct", PERCENT, "emergency_pct = 8";
    NO_HELP_PCT = "no_help_pct", PERCENT, "no_help_pct = 60";
    GIVE_UP_S = "give_up_s", "a whole number of seconds from 1 to 86,400", "give_up_s = 7200";

    FAULT = "fault", "a list of at most 32 tables [[fault]]", "[[fault]]";
    WHAT = "what", "kill, slow_disk, full_disk, redis_away, postgres_away, network_cut, clock_step or storm", r#"what = "kill""#;
    FAULT_AT_S = "at_s", "seconds, whole or not, from 0 to a year", "at_s = 10.5";
    DOWN_S = "down_s", "a whole number of seconds, at most a week", "down_s = 5";
    BY_S = "by_s", "whole seconds, at most a day to either side", "by_s = -600";
    BY_MS = "by_ms", "milliseconds as one whole number or as [least, most]", "by_ms = [200, 900]";
    PCT = "pct", PERCENT, "pct = 40";

    EXPECT = "expect", "a table [expect]", "[expect]";
    DOOR_URBAN_MET = "door_urban_met", SHARE, "door_urban_met = 0.9";
    DOOR_RURAL_MET = "door_rural_met", SHARE, "door_rural_met = 0.9";
    LATE_FRACTION = "late_fraction", SHARE, "late_fraction = 0.1";
    LATE_OVER_BOUND = "late_over_bound", COUNT_OF, "late_over_bound = 1.5";
    LOST = "lost", COUNT_OF, "lost = 0";
    DOUBLED = "doubled", COUNT_OF, "doubled = 0";
    UNASSIGNED = "unassigned", COUNT_OF, "unassigned = 0";
    ACK_P99_MS = "ack_p99_ms", MILLISECONDS, "ack_p99_ms = 100";
    ACK_MAX_MS = "ack_max_ms", MILLISECONDS, "ack_max_ms = 10000";
    ACK_P99_GROWTH = "ack_p99_growth", "times, 0 or more", "ack_p99_growth = 2";
    OFFER_P99_MS = "offer_p99_ms", MILLISECONDS, "offer_p99_ms = 1000";
    CONSOLE_P99_MS = "console_p99_ms", MILLISECONDS, "console_p99_ms = 300";
    CALLS_ANSWERED = "calls_answered", SHARE, "calls_answered = 0.95";
    UNCOVERED_MIN = "uncovered_min", "minutes, 0 or more", "uncovered_min = 30";
}
