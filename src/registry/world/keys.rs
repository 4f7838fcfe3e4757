//! The keys of a world file: what each is to hold, and how it is written.

use crate::document::keys;

const TEXT: &str = "text of 1 to 500 characters on one line";
const TEXTS: &str = "a list of at most 32 such texts, each of 1 to 500 characters on one line";
const PHONE: &str = "a telephone number as + and 7 to 15 digits (E.164)";
const DEGREES_LAT: &str = "degrees from -90 to 90";
const DEGREES_LON: &str = "degrees from -180 to 180";

keys! {
    CODE = "code", "a district code of six digits", r#"code = "330481""#;
    NAME = "name", TEXT, r#"name = "…""#;
    HOTLINE = "hotline", "a telephone number of 3 to 15 digits", r#"hotline = "967890""#;
    PREMISES_ID = "id", "an id of 1 to 128 printable bytes", r#"id = "P-0001""#;
    SUBJECT_ID = "id", "an id of 1 to 128 printable bytes", r#"id = "S-0001""#;
    DEVICE_ID = "id", "an id of 1 to 128 printable bytes", r#"id = "D-0001""#;
    RESPONDER_ID = "id", "an id of 1 to 128 printable bytes", r#"id = "R-001""#;
    DISTRICT = "district", "the code of a [[district]]", r#"district = "330481""#;
    VILLAGE = "village", "a statistical code of 12 digits", r#"village = "330481001003""#;
    CLASS = "class", "urban or rural", r#"class = "urban""#;
    ADDRESS = "address", TEXT, r#"address = "…""#;
    LAT = "lat", DEGREES_LAT, "lat = 30.5312";
    LON = "lon", DEGREES_LON, "lon = 120.6881";
    BASE_LAT = "base_lat", DEGREES_LAT, "base_lat = 30.5290";
    BASE_LON = "base_lon", DEGREES_LON, "base_lon = 120.6850";
    DATUM = "datum", "wgs84 or gcj02", r#"datum = "wgs84""#;
    PREMISES = "premises", "the id of a [[premises]]", r#"premises = "P-0001""#;
    PHONES = "phones", "a list of at most 32 telephone numbers, each as + and 7 to 15 digits (E.164)", r#"phones = ["+8657387000001"]"#;
    PHONE_OF = "phone", PHONE, r#"phone = "+8613900000001""#;
    BIRTH = "birth", "a date as YYYY-MM-DD in quotes", r#"birth = "1941-03-02""#;
    LANGUAGES = "languages", TEXTS, r#"languages = ["…"]"#;
    RISKS = "risks", TEXTS, r#"risks = ["lives_alone"]"#;
    CONDITIONS = "conditions", TEXTS, r#"conditions = ["…"]"#;
    ACCESS = "access", TEXT, r#"access = "…""#;
    ELDER_CODE = "elder_code", TEXT, r#"elder_code = "…""#;
    CONTACT = "contact", "a list of at most 32 tables [[subject.contact]]", "[[subject.contact]]";
    RELATION = "relation", TEXT, r#"relation = "son""#;
    KEYHOLDER = "keyholder", "true or false", "keyholder = true";
    SUBJECT = "subject", "the id of a [[subject]]", r#"subject = "S-0001""#;
    PROTOCOL = "protocol", "the name of a source in small letters, digits, _ and -", r#"protocol = "watch""#;
    IDENTITY = "identity", "the device's own name of 1 to 128 printable bytes", r#"identity = "…""#;
    SUPERVISION_S = "supervision_s", "a whole number of seconds, 1 or more", "supervision_s = 600";
    TIER = "tier", "keyholder, volunteer or staff", r#"tier = "staff""#;
    SKILLS = "skills", TEXTS, r#"skills = ["first_aid"]"#;
    TRAVEL = "travel", "foot, ebike or car", r#"travel = "ebike""#;
}
