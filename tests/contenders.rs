//! Whoever is measured beside us answers the same question, and whoever does not is found out. With the real servers;
//! nothing here is timed.

#[path = "../benches/peers/connections.rs"]
mod connections;
#[allow(dead_code, unused_imports, reason = "measuring is the benches'")]
#[path = "../benches/contest/mod.rs"]
mod contest;
#[path = "../benches/peers/nearest/mod.rs"]
mod nearest;
#[allow(dead_code, reason = "what must last is the benches'")]
#[allow(unused_imports, reason = "other tests ask more of them")]
#[path = "../benches/peers/servers/mod.rs"]
mod servers;

use std::net::TcpStream;

use contest::nearest::{Contender, Disagreement, Entrant, Field, Near, compare, known};

const PEOPLE: usize = 300;
const QUESTIONS: usize = 100;

#[test]
fn all_who_are_measured_name_the_same_nearest() {
    let (redis, postgres) = (servers::redis(servers::Sync::Never).unwrap(), servers::postgres().unwrap());
    let mut entrants = known();
    entrants.extend(nearest::peers(redis.port, postgres.port));
    judge(entrants).unwrap_or_else(|disagreement| panic!("{disagreement}"));
}

#[test]
fn whoever_does_not_hear_of_moves_is_found_out() {
    let honest = || known().remove(0);
    let mut deaf = Entrant { name: "deaf", ..honest() };
    deaf.enter = Box::new(move |field| {
        let mut inner = (honest().enter)(field);
        let stays = (0, field.spots[0].point);
        Box::new(move |asked| inner(&contest::nearest::Asked { key: stays.0, moved_to: stays.1, ..*asked }))
    });
    let told = judge(vec![honest(), deaf]).unwrap_err().to_string();
    assert!(told.starts_with("deaf disagrees at question "), "{told}");
}

#[test]
fn whoever_names_too_few_is_found_out() {
    let mut short = Entrant { name: "short", ..known().remove(0) };
    short.enter = Box::new(|field| {
        let mut inner = (known().remove(0).enter)(field);
        Box::new(move |asked| inner(asked).into_iter().skip(1).collect())
    });
    let told = judge(vec![short]).unwrap_err().to_string();
    assert!(told.starts_with("short disagrees at question 0: "), "{told}");
}

#[test]
fn whoever_knows_distance_alone_does_not_answer_ours() {
    let by_distance = known().into_iter().find(|it| it.near == Near::ByDistance).unwrap();
    judge(vec![Entrant { near: Near::ByTime, ..by_distance }]).unwrap_err();
}

#[test]
fn a_server_ends_with_its_owner() {
    let server = servers::redis(servers::Sync::Never).unwrap();
    let port = server.port;
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

fn judge(mut entrants: Vec<Entrant>) -> Result<(), Disagreement> {
    let field = Field::of(PEOPLE, QUESTIONS);
    let mut contenders: Vec<Contender> = entrants.iter_mut().map(|it| (it.enter)(&field)).collect();
    compare(&field, QUESTIONS, &entrants, &mut contenders).map(|_| ())
}
