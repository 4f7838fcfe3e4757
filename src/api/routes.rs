//! All routes and their description, from one list.

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::compression::CompressionLayer;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::acts::{claim, close, correct, offer, open, task};
use super::audit::{Auditor, watch};
use super::service::Api;
use super::{
    access, auth, calls, channels, coverage, devices, files, headers, incidents, kpis, offers, receipts, registry,
    responders, search, sessions, signals, sockets, standby, subjects, watchers,
};

fn documented() -> OpenApiRouter<Arc<Api>> {
    let mut router = listed();
    name_operations(router.get_openapi_mut());
    router
}

/// By method and path, which are theirs alone; handlers of two rooms may share a name.
fn name_operations(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let words: Vec<&str> = path.trim_start_matches("/api/v1").split('/').filter(|it| !it.is_empty()).collect();
        let name = words.join("_").replace(['{', '}'], "");
        let operations =
            [("get", &mut item.get), ("post", &mut item.post), ("put", &mut item.put), ("delete", &mut item.delete)];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{name}"));
            }
        }
    }
}

fn listed() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::with_openapi(base())
        .routes(routes!(sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::me))
        .routes(routes!(signals::take))
        .routes(routes!(calls::seen, calls::list))
        .routes(routes!(calls::incident))
        .routes(routes!(calls::called_back))
        .routes(routes!(incidents::list, open::open))
        .routes(routes!(incidents::get))
        .routes(routes!(access::read))
        .routes(routes!(claim::claim))
        .routes(routes!(claim::release))
        .routes(routes!(correct::correct))
        .routes(routes!(correct::merge))
        .routes(routes!(correct::detach))
        .routes(routes!(offer::offer))
        .routes(routes!(offer::withdraw))
        .routes(routes!(task::confirm))
        .routes(routes!(task::escalate))
        .routes(routes!(correct::add_note))
        .routes(routes!(close::close))
        .routes(routes!(close::reopen))
        .routes(routes!(responders::list))
        .routes(routes!(responders::nearest))
        .routes(routes!(responders::status))
        .routes(routes!(responders::duty))
        .routes(routes!(offers::shown))
        .routes(routes!(offers::accept))
        .routes(routes!(offers::decline))
        .routes(routes!(channels::push_key))
        .routes(routes!(channels::subscribe))
        .routes(routes!(channels::list))
        .routes(routes!(channels::test))
        .routes(routes!(channels::confirm))
        .routes(routes!(receipts::receipt))
        .routes(routes!(subjects::list))
        .routes(routes!(subjects::get))
        .routes(routes!(coverage::get))
        .routes(routes!(standby::get))
        .routes(routes!(kpis::get))
        .routes(routes!(search::search))
        .routes(routes!(registry::import::import))
        .routes(routes!(devices::list))
        .routes(routes!(devices::adopt))
        .routes(routes!(registry::read, registry::put, registry::end))
        .routes(routes!(sockets::feed))
        .routes(routes!(sockets::link))
        .routes(routes!(watchers::unknown_devices))
        .routes(routes!(watchers::audit))
        .routes(routes!(watchers::healthz))
        .routes(routes!(watchers::readyz))
        .routes(routes!(watchers::metrics))
}

fn base() -> OpenApi {
    let mut info = Info::new("Tidewatch", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("Emergency-response dispatch. Errors are application/problem+json with a stable `code`.".to_owned());
    let security = [SecurityRequirement::new("bearer", [""; 0]), SecurityRequirement::new("session", [""; 0])];
    let mut api = OpenApiBuilder::new().info(info).security(Some(security)).build();
    let mut components = utoipa::openapi::Components::new();
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(auth::SESSION_COOKIE)));
    components.add_security_scheme("session", cookie);
    api.components = Some(components);
    api
}

/// The description of the interface (OpenAPI 3.1).
pub fn description() -> OpenApi {
    documented().into_openapi()
}

/// Everything that is served on the common listener. Files travel compressed; answers do not, since what somebody else put
/// into one could be guessed from its length.
pub fn router(api: Arc<Api>, auditor: Auditor) -> Router {
    let (router, description) = documented().split_for_parts();
    let description = Arc::new(serde_json::to_value(description).expect("a description is JSON"));
    let policy = headers::content_policy(&api.config.console.map_origins);
    let described = get(move || async move { Json(description.as_ref().clone()) });
    router
        .route("/api/openapi.json", described)
        .fallback_service(Router::new().fallback(files::serve).layer(CompressionLayer::new()))
        .layer(from_fn_with_state(auditor, watch))
        .method_not_allowed_fallback(files::wrong_method)
        .layer(from_fn_with_state(api.clone(), headers::count))
        .layer(from_fn_with_state(policy, headers::secure))
        .with_state(api)
}

/// What an owner serves: it is asked over the bus, and here only whether it is well.
pub fn owner_router(api: Arc<Api>, auditor: Auditor) -> Router {
    Router::new()
        .route("/healthz", get(watchers::healthz))
        .route("/readyz", get(watchers::readyz))
        .route("/metrics", get(watchers::metrics))
        .layer(from_fn_with_state(auditor, watch))
        .with_state(api)
}

/// The listener for numbers alone.
pub fn metrics_router(api: Arc<Api>) -> Router {
    Router::new().route("/metrics", get(watchers::metrics_open)).with_state(api)
}
