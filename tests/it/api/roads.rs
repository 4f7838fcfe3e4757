//! Arrival times over a road network: from the start after it was brought in, and each says which way it was.

use serde_json::{Value, json};

use super::house::House;

/// From the responder's base to the home, 1,112 m in a straight line and 2 km on a cycleway with a bend.
const NODES: &str = "id,lon,lat\nbase,120.68,30.54\nhome,120.68,30.53\n";
const ARCS: &str = "from,to,metres,class\nbase,home,2000,cycleway\nhome,base,2000,cycleway\n";

const LINE: (u64, &str) = (90 + 361, "line");
const ROAD: (u64, &str) = (90 + 481, "road");

#[tokio::test]
async fn a_network_takes_effect_at_the_next_start_and_a_damaged_one_does_no_harm() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let file = |name: &str| house.dir.path().join(name);
    std::fs::write(file("nodes.csv"), NODES).unwrap();
    std::fs::write(file("arcs.csv"), ARCS).unwrap();
    let done = house.tidewatch("roads import --data DIR --nodes DIR/nodes.csv --arcs DIR/arcs.csv").await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let bytes = std::fs::read(file("roads.bin")).unwrap();
    expect(&house, &incident, LINE).await;
    let house = house.start_anew().await;
    expect(&house, &incident, ROAD).await;
    std::fs::write(house.dir.path().join("roads.bin"), &bytes[..bytes.len() - 1]).unwrap();
    let house = house.start_anew().await;
    expect(&house, &incident, LINE).await;
    house.running.stop().await;
}

#[tokio::test]
async fn a_backup_takes_the_network_along() {
    let house = House::open().await;
    std::fs::write(house.dir.path().join("roads.bin"), "whatever it is").unwrap();
    for (command, copy) in
        [("backup --data DIR --to DIR/copy", "copy"), ("restore --from DIR/copy --data DIR/new", "new")]
    {
        let done = house.tidewatch(command).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(std::fs::read(house.dir.path().join(copy).join("roads.bin")).unwrap(), b"whatever it is");
    }
    house.running.stop().await;
}

async fn expect(house: &House, incident: &str, (eta_s, way): (u64, &str)) {
    let found = house.ask("operator", &format!("GET /api/v1/responders/nearest?incident={incident}"), "").await;
    let first: &Value = &found.body["candidates"][0];
    assert_eq!(json!([first["responder"], first["eta_s"], first["way"]]), json!(["R-1", eta_s, way]));
}
