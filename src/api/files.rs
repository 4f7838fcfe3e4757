//! The files of the console and of the responder's app, part of the program: what `npm run build` left in
//! `dispatch-console/dist/`.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "dispatch-console/dist/"]
#[allow_missing = true]
struct Files;

/// Names below this carry a digest of their content: what has once been fetched stays true.
const HASHED: &str = "assets/";

/// A page of the console has no file of its own: the console finds its view by the path.
fn file_of(path: &str) -> &str {
    match path.trim_start_matches('/') {
        "" | "wall" => "index.html",
        "responder" | "responder/" => "responder/index.html",
        other => other,
    }
}

/// A file by its path.
pub async fn serve(request: Request) -> Response {
    let path = file_of(request.uri().path());
    let unknown = || Problem::not_found("no_such_path", "there is nothing at this path");
    if path.starts_with("api/") {
        return unknown().into_response();
    }
    let Some(file) = Files::get(path) else { return unknown().into_response() };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "a file is read with GET")
            .into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = HeaderValue::from_str(kind.essence_str()).expect("a media type is visible text");
    let keep = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static(keep))], file.data.into_owned())
        .into_response()
}

/// The path is there, the method is not.
pub async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not have this method")
}

#[cfg(test)]
mod tests {
    use super::file_of;

    #[test]
    fn pages_have_paths_of_their_own_and_other_files_their_name() {
        for (path, file) in [
            ("/", "index.html"),
            ("/wall", "index.html"),
            ("/responder", "responder/index.html"),
            ("/responder/", "responder/index.html"),
            ("/responder/sw.js", "responder/sw.js"),
            ("/assets/a-1.js", "assets/a-1.js"),
        ] {
            assert_eq!(file_of(path), file);
        }
    }
}
