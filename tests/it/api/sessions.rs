use serde_json::json;

use super::house::{Answer, House};

async fn sign_in(house: &House, name: &str) -> Answer {
    let body = json!({"name": name, "secret": house.secret(name)}).to_string();
    house.ask("", "POST /api/v1/sessions", &body).await
}

#[tokio::test]
async fn a_cookie_reads_alone_and_changes_with_its_own_value() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let signed = sign_in(&house, "operator").await;
    assert_eq!(
        (signed.status, &signed.body["role"], &signed.body["districts"]),
        (200, &"operator".into(), &json!(["330481"]))
    );
    let cookie = signed.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let me = house.ask_with("", "GET /api/v1/sessions/me", "", &[("cookie", cookie)]).await;
    let csrf = me.body["csrf"].as_str().unwrap();
    let claim = format!("POST /api/v1/incidents/{incident}/claim");
    let host = house.running.http.to_string();
    let (ours, foreign) = (format!("http://{host}"), "https://example.org");
    let rows = [
        (vec![("cookie", cookie)], "403 csrf"),
        (vec![("cookie", cookie), ("x-csrf-token", "other")], "403 csrf"),
        (vec![("cookie", cookie), ("x-csrf-token", csrf), ("origin", foreign)], "403 foreign_origin"),
        (vec![("cookie", cookie), ("x-csrf-token", csrf), ("origin", ours.as_str())], "200"),
    ];
    for (headers, expected) in rows {
        assert_eq!(house.ask_with("", &claim, "{}", &headers).await.told(), expected, "{headers:?}");
    }
    let upgrade = house.ask_with("", "GET /api/v1/live", "", &[("origin", foreign)]).await;
    assert_eq!(upgrade.told(), "403 foreign_origin");
    house.running.stop().await;
}

#[tokio::test]
async fn signing_out_ends_the_session_and_gives_claims_back() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let token = sign_in(&house, "operator").await.body["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let bearer = [("authorization", bearer.as_str())];
    assert_eq!(
        house.ask_with("", &format!("POST /api/v1/incidents/{incident}/claim"), "{}", &bearer).await.status,
        200
    );
    let owner =
        async || house.ask("operator", &format!("GET /api/v1/incidents/{incident}"), "").await.body["owner"].clone();
    assert_eq!(owner().await, "operator");
    assert_eq!(house.ask_with("", "DELETE /api/v1/sessions", "", &bearer).await.status, 204);
    assert_eq!(owner().await, json!(null));
    assert_eq!(house.ask_with("", "GET /api/v1/sessions/me", "", &bearer).await.told(), "401 unauthorized");
    house.running.stop().await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let house = House::open().await;
    let wrong = house.ask("", "POST /api/v1/sessions", r#"{"name":"operator","secret":"x"}"#).await;
    assert_eq!(wrong.told(), "401 unauthorized");
    let missing = house.ask("", "POST /api/v1/sessions", r#"{"name":"operator"}"#).await;
    assert_eq!((missing.told(), &missing.body["field"]), ("422 invalid".to_owned(), &"secret".into()));
    let basic = house.ask_with("", "GET /api/v1/sessions/me", "", &[("authorization", "Basic eDp5")]).await;
    assert_eq!(basic.told(), "401 unauthorized");
    house.running.stop().await;
}
