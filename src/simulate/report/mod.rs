//! The report: one page that opens anywhere, with its pictures in it and nothing to fetch. What was played, whether the
//! promise held, and where, when and for whom it did not.

mod arrivals;
mod day;
mod differences;
mod map;
pub mod svg;
mod tables;
mod work;

use self::svg::escaped;
use super::compared::{Compared, Played};
use super::play::Case;
use crate::domain::Class;
use crate::scenario::Scenario;

const STYLE: &str = include_str!("style.css");

/// How the lines of up to four policies are told apart, without a colour.
const POLICY_CLASSES: [&str; 4] = ["p1", "p2", "p3", "p4"];

/// What there is to draw.
struct Drawn<'a> {
    scenario: &'a Scenario,
    compared: &'a Compared,
}

impl<'a> Drawn<'a> {
    fn policies(&self) -> usize {
        self.compared.policies.len().min(POLICY_CLASSES.len())
    }

    fn name(&self, policy: usize) -> &'a str {
        &self.compared.policies[policy].name
    }

    fn played(&self, policy: usize) -> impl Iterator<Item = &'a Played> + use<'a> {
        self.compared.played.iter().filter(move |it| it.policy == policy)
    }

    fn cases(&self, policy: usize) -> impl Iterator<Item = &'a Case> + use<'a> {
        self.played(policy).flat_map(|it| it.run.tally.cases())
    }

    fn promise_s(&self, class: Class) -> u64 {
        self.compared.played.first().map_or(1, |it| it.run.tally.promise.door_s(class))
    }
}

/// The page for `compared`, which `command` made.
pub fn page(scenario: &Scenario, compared: &Compared, command: &str) -> String {
    let drawn = Drawn { scenario, compared };
    let mut body = head(scenario, compared);
    body.push_str(&tables::numbers(&drawn));
    body.push_str(&pane("Side by side", "", &tables::policies(compared)));
    body.push_str(&differences(compared));
    body.push_str(&waits(&drawn));
    for policy in 0..drawn.policies() {
        body.push_str(&of_policy(&drawn, policy));
    }
    body.push_str(&pane("Expectations", "", &tables::expectations(compared)));
    framed(&scenario.title, &body, command)
}

/// A whole page around `body`, for reports of other programs too.
pub fn framed(title: &str, body: &str, command: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main>{body}\
         <footer><p>Made by <code>{}</code>. All people in it are invented.</p></footer></main></body></html>\n",
        escaped(title),
        escaped(command)
    )
}

fn head(scenario: &Scenario, compared: &Compared) -> String {
    let population = &scenario.population;
    let days = scenario.clock.length_ms as f64 / 86_400_000.0;
    let length = if days >= 1.0 { format!("{days:.1} days") } else { format!("{:.1} hours", days * 24.0) };
    format!(
        "<h1>{}</h1><p class=\"dim\">{} · {} homes, {} devices, {} responders · {length} from {} · {} seed{}</p><p>{}</p>\
         <p class=\"dim\">Expected: {}</p>",
        escaped(&scenario.title),
        escaped(&scenario.name),
        population.homes.len(),
        population.devices(),
        population.responders.len(),
        scenario.clock.start,
        compared.seeds.len(),
        if compared.seeds.len() == 1 { "" } else { "s" },
        escaped(&scenario.why),
        escaped(&scenario.expected)
    )
}

fn differences(compared: &Compared) -> String {
    let of = |(measure, title): (&str, &str)| Some(pane(title, "", &differences::picture(&compared.paired, measure)?));
    let measures = [("late", "Late, paired by seed"), ("arrival mean", "Mean arrival, paired by seed")];
    let panes: Vec<String> = measures.into_iter().filter_map(of).collect();
    if panes.is_empty() { String::new() } else { row(&panes) }
}

fn waits(drawn: &Drawn<'_>) -> String {
    let told = if drawn.policies() > 1 {
        format!("Bars: {}. Lines: {}.", drawn.name(0), tables::legend(drawn))
    } else {
        "Bars: how many waited so long. Line: the share reached by then.".to_owned()
    };
    let of = |(class, title)| pane(title, &told, &arrivals::picture(drawn, class));
    row(&[(Class::Urban, "How long people waited in town"), (Class::Rural, "How long people waited in the country")]
        .map(of))
}

fn of_policy(drawn: &Drawn<'_>, policy: usize) -> String {
    let name = escaped(drawn.name(policy));
    let mut text = format!("<h1 style=\"margin-top:32px\">{name}</h1>");
    text.push_str(&row(&[
        pane(
            "Where the promise was missed",
            "The redder, the more of the cell's incidents were late.",
            &map::misses(drawn, policy),
        ),
        pane(
            "Where nobody free could have come in time",
            "Amber: over two thirds of the promise. Red: too late. The stronger, the more of the time.",
            &map::cover(drawn, policy),
        ),
    ]));
    text.push_str(&row(&[
        pane("The promise over the day", "", &day::picture(drawn, policy)),
        pane("Who was on a job how much of their time", "", &work::picture(drawn, policy)),
    ]));
    text
}

/// A framed part of a page.
pub fn pane(title: &str, told: &str, content: &str) -> String {
    let told = if told.is_empty() { String::new() } else { format!("<p class=\"dim\">{}</p>", told) };
    format!("<section class=\"pane\"><h2>{}</h2>{told}{content}</section>", escaped(title))
}

/// Parts beside each other.
pub fn row(panes: &[String]) -> String {
    format!("<div class=\"row\">{}</div>", panes.concat())
}
