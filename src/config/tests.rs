use super::*;
use crate::domain::SignalKind;
use crate::domain::plan::PolicyName;
use crate::domain::sla::SlaTargets;

#[test]
fn the_defaults_are_the_policy_of_the_core() {
    assert_eq!(Config::default().policy, Policy::default());
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same() {
    let config = Config::default();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("shown.toml");
    std::fs::write(&file, &config.shown).unwrap();
    assert_eq!(Config::load(Some(&file), [], &Flags::default()).unwrap(), config);
}

#[test]
fn later_layers_win() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("own.toml");
    std::fs::write(&file, "data = \"a\"\n[offers]\nttl_s = 40\ndeliver_s = 5\n[sla]\npreset = \"tsa-qsf\"\n").unwrap();
    let variables = [var("TIDEWATCH_OFFERS_TTL_S", "50"), var("TIDEWATCH_DATA", "b"), var("HOME", "x")];
    let flags = Flags { data: Some("c".into()), ..Flags::default() };
    let config = Config::load(Some(&file), variables, &flags).unwrap();
    assert_eq!((config.policy.offer_ttl_s, config.policy.deliver_s, config.data), (50, 5, PathBuf::from("c")));
    assert_eq!(config.policy.sla, SlaTargets { answer_s: 60, door_urban_s: 2700, door_rural_s: 3600 });
}

#[test]
fn the_password_of_a_store_is_shown_nowhere() {
    let url = "postgres://tidewatch:geheim@db.example/tidewatch";
    let config = Config::load(None, [var("TIDEWATCH_STORE_URL", url)], &Flags::default()).unwrap();
    assert!(config.shown.contains("url = \"postgres://tidewatch:…@db.example/tidewatch\""), "{}", config.shown);
    assert!(config.store.url.is_some() && !format!("{config:?}").contains("geheim"));
    let flags = Flags { store: Some("mysql://tidewatch:geheim@db.example".into()), ..Flags::default() };
    let told = Config::load(None, [], &flags).unwrap_err().to_string();
    let expect = "--store: found store.url = an address that is not one, expected an address such as \
                  \"postgres://tidewatch@db.example/tidewatch\", or \"\" for none; correct the value";
    assert_eq!(told, expect);
}

#[test]
fn a_flag_says_that_one_store_is_enough() {
    let flags = Flags { single_store: true, ..Flags::default() };
    assert!(Config::load(None, [], &flags).unwrap().store.single);
    assert_eq!(Config::default().store, StoreConfig { url: None, lease_s: 3, single: false });
}

#[test]
fn one_target_overrides_its_preset() {
    let config = Config::load(None, [var("TIDEWATCH_SLA_ANSWER_S", "20")], &Flags::default()).unwrap();
    assert_eq!(config.policy.sla, SlaTargets { answer_s: 20, door_urban_s: 1800, door_rural_s: 3600 });
}

#[test]
fn a_plan_goes_before_its_district_and_a_district_before_the_rest() {
    let text = "[dispatch]\npolicy = \"covering\"\n[dispatch.districts]\n330481 = \"matched\"\n\
                [plans.sos]\npolicy = \"nearest\"\npreempt = true\n";
    let config = file(text).unwrap();
    assert_eq!(file(&config.shown).unwrap(), config, "what is shown says the same");
    let plan = |kind, district: &str| config.policy.plan(kind, district.parse().unwrap());
    let names = [(SignalKind::Sos, "330481"), (SignalKind::Vital, "330481"), (SignalKind::Vital, "330482")];
    let found = names.map(|(kind, district)| plan(kind, district).policy());
    assert_eq!(found, [PolicyName::Nearest, PolicyName::Matched, PolicyName::Covering]);
    assert!(plan(SignalKind::Sos, "330482").preempt && !plan(SignalKind::Fall, "330482").preempt);
    let found = file("[dispatch.districts]\n33048 = \"matched\"\n330481 = \"fastest\"\n").unwrap_err().to_string();
    let expected = "\
own.toml:2: found unknown setting `dispatch.districts.33048`, expected a setting of config.default.toml; correct its name or remove it; `tidewatch config show` names all
own.toml:3: found dispatch.districts.330481 = `fastest`, expected one of nearest, matched, covering, acceptance-aware; correct the value";
    assert_eq!(found, expected);
}

#[test]
fn a_base_map_comes_from_an_origin_and_from_no_address() {
    let config = file("[console]\nmap_origins = [\"https://tiles.example\"]\n").unwrap();
    assert_eq!(config.console.map_origins, ["https://tiles.example"]);
    for wrong in ["https://tiles.example/{z}/{x}/{y}.png", "tiles.example", "https://a; script-src *"] {
        let found = file(&format!("[console]\nmap_origins = [\"{wrong}\"]\n")).unwrap_err().to_string();
        let expected = "expected a list of origins in quotes, such as \"https://tiles.example\"; correct the value";
        assert_eq!(found, format!("own.toml:2: found console.map_origins = `{wrong}`, {expected}"));
    }
}

#[test]
fn a_ladder_replaces_the_whole() {
    let config = file("[[ladder]]\nname = \"all\"\nask = [\"staff\"]\npatience_s = 9\n").unwrap();
    assert_eq!(config.policy.ladder.len(), 1);
}

#[test]
fn all_faults_are_told_with_line_and_mend() {
    let text = "dta = \"x\"\n[offers]\nttl_s = \"long\"\ndeliver_s = 0\n[plans.sos]\nstart = \"now\"\n[plans.lunch]\nwait_s = 1\n[http]\nlisten = \"8080\"\n";
    let found = file(text).unwrap_err().to_string();
    let expected = "\
own.toml:1: found unknown setting `dta`, expected a setting of config.default.toml; correct its name or remove it; `tidewatch config show` names all
own.toml:3: found offers.ttl_s = `long`, expected a whole number from 1 to 86400; correct the value
own.toml:4: found offers.deliver_s = 0, expected a whole number from 1 to 86400; correct the value
own.toml:6: found plans.sos.start = `now`, expected one of offer_at_once, call_back, technical; correct the value
own.toml:8: found unknown setting `plans.lunch.wait_s`, expected a setting of config.default.toml; correct its name or remove it; `tidewatch config show` names all
own.toml:10: found http.listen = `8080`, expected an address and port in quotes, such as \"127.0.0.1:8080\"; correct the value";
    assert_eq!(found, expected);
}

#[test]
fn what_does_not_go_together_is_told() {
    let found = file("[offers]\nttl_s = 5\n[sla]\npreset = \"none\"\n[plans.fall]\nparallel = 9\n").unwrap_err();
    let lines: Vec<String> = found.to_string().lines().map(|it| it.split(", ").next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "config.default.toml:75: found offers.deliver_s = 10".replace("75", &line_of("deliver_s = 10")),
            "own.toml:4: found sla.preset = `none`".to_owned(),
            "own.toml:6: found plans.fall.parallel above offers.parallel_max".to_owned(),
        ]
    );
}

#[test]
fn a_wrong_variable_or_flag_is_named() {
    let variables = [var("TIDEWATCH_OFERS_TTL_S", "1"), var("TIDEWATCH_HTTP_CONNECTIONS", "many")];
    let flags = Flags { http: Some("localhost".into()), ..Flags::default() };
    let found = Config::load(None, variables, &flags).unwrap_err().to_string();
    let places: Vec<&str> = found.lines().map(|it| it.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["TIDEWATCH_HTTP_CONNECTIONS", "TIDEWATCH_OFERS_TTL_S", "--http"]);
}

fn file(text: &str) -> Result<Config, ConfigError> {
    let mut layers = Layers::default();
    layers.file("config.default.toml", DEFAULTS);
    layers.file("own.toml", text);
    build(layers)
}

fn line_of(text: &str) -> String {
    (1 + DEFAULTS.lines().position(|it| it == text).unwrap()).to_string()
}

fn var(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
