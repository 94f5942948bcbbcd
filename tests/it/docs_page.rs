//! The page at `/docs`: whole from this node, as a browser would load it.

use std::collections::BTreeSet;

use quittance::api::PAGE_ROUTES;

use crate::api_kit::{Answered, Door, call};

/// The values of `name="..."` and `name: "..."` in a text.
fn values<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let forms = [format!("{name}=\""), format!("{name}: \"")];
    let rests = forms
        .iter()
        .flat_map(|form| text.split(form.as_str()).skip(1));
    rests.map(|rest| rest.split('"').next().unwrap()).collect()
}

fn from_elsewhere(reference: &str) -> bool {
    reference.contains("//") || reference.starts_with("data:") || reference.contains(':')
}

/// What a directive of the content security policy allows.
fn allowed<'t>(policy: &'t str, directive: &str) -> Option<BTreeSet<&'t str>> {
    let found = policy.split(';').map(str::trim).find_map(|line| {
        let rest = line.strip_prefix(directive)?;
        rest.strip_prefix(' ')
    });
    found.map(|sources| sources.split(' ').collect())
}

fn guarded(answer: &Answered) {
    let policy = answer.header("content-security-policy").unwrap();
    assert_eq!(allowed(policy, "default-src"), Some(["'none'"].into()));
    assert_eq!(allowed(policy, "script-src"), Some(["'self'"].into()));
    assert_eq!(allowed(policy, "connect-src"), Some(["'self'"].into()));
    assert_eq!(allowed(policy, "frame-ancestors"), Some(["'none'"].into()));
    assert!(!policy.contains(['.', '*', '/']), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}

#[test]
fn the_page_is_whole_without_any_other_host() {
    let door = Door::open();
    let page = door.get("/docs", Vec::new());
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    guarded(&page);
    let html = page.text();
    assert!(
        !html.contains("<script>") && !html.contains("<style"),
        "{html}"
    );
    let mut references: Vec<String> = Vec::new();
    for name in ["src", "href"] {
        references.extend(values(&html, name).iter().map(|value| (*value).to_owned()));
    }
    let mut types = BTreeSet::new();
    let mut at = 0;
    while at < references.len() {
        let reference = references[at].clone();
        at += 1;
        assert!(!from_elsewhere(&reference), "{reference}");
        let file = door.get(&format!("/{reference}"), Vec::new());
        assert_eq!(file.status, 200, "{reference}");
        assert!(!file.body.is_empty(), "{reference}");
        let kind = file.header("content-type").unwrap();
        types.insert(kind.split(';').next().unwrap().to_owned());
        if reference.ends_with("start.js") {
            guarded(&file);
            // What the viewer is told to load.
            let start = file.text();
            let urls = values(&start, "url");
            assert_eq!(urls, ["openapi.json"]);
            references.extend(urls.iter().map(|url| (*url).to_owned()));
            assert!(start.contains("validatorUrl: null"), "{start}");
            assert!(start.contains("queryConfigEnabled: false"), "{start}");
        } else if reference.ends_with(".css") {
            guarded(&file);
            let css = file.text();
            assert!(!css.contains("@import"));
            for place in css.split("url(").skip(1) {
                let place = place.trim_start_matches(['"', '\'']);
                assert!(place.starts_with("data:"), "{}", &place[..40]);
            }
        }
    }
    assert_eq!(at, 6, "{references:?}");
    let wanted = [
        "application/json",
        "image/png",
        "text/css",
        "text/javascript",
    ];
    assert_eq!(types, wanted.map(str::to_owned).into());
}

#[test]
fn whoever_looks_for_the_page_finds_it() {
    let door = Door::open();
    let to = door.bound().public;
    for (path, place) in [("/", "docs"), ("/docs/", "../docs")] {
        let answer = door.get(path, Vec::new());
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some(place))
        );
    }
    for path in [
        "/docs/swagger-initializer.js",
        "/docs/index.html",
        "/docs/..",
        "/docs/%2e%2e%2fopenapi.json",
        "/docs/nothing",
        "/docs/a/b",
    ] {
        assert_eq!(door.get(path, Vec::new()).problem(), "NOT_FOUND", "{path}");
    }
    for (_, path) in PAGE_ROUTES {
        let path = path.replace("{file}", "start.js");
        let head = call(to, "HEAD", &path, &Vec::new(), b"");
        assert!(head.status < 400 && head.body.is_empty(), "{path}");
        let post = call(to, "POST", &path, &Vec::new(), b"");
        assert_eq!(post.problem(), "METHOD_NOT_ALLOWED", "{path}");
        let admin = call(door.bound().admin, "GET", &path, &Vec::new(), b"");
        assert_eq!(admin.problem(), "NOT_FOUND", "{path}");
    }
}

#[test]
fn the_type_of_a_problem_leads_to_its_page_on_the_listener_that_told_it() {
    let door = Door::open();
    let bound = door.bound();
    for to in [bound.public, bound.admin] {
        let get = |path: &str| call(to, "GET", path, &Vec::new(), b"");
        let wrong = get("/nowhere").json();
        let page = get(wrong["type"].as_str().unwrap());
        assert_eq!(page.status, 200);
        let policy = page.header("content-security-policy").unwrap();
        assert_eq!(allowed(policy, "default-src"), Some(["'none'"].into()));
        let html = page.text();
        assert!(html.contains("<h1>NOT_FOUND</h1>"), "{html}");
        assert!(html.contains(wrong["title"].as_str().unwrap()), "{html}");
        // Every code has its page, and the list leads to each.
        let list = get("/docs/errors").text();
        let links = values(&list, "href");
        assert!(links.len() > 60, "{}", links.len());
        for link in links {
            assert_eq!(get(&format!("/docs/{link}")).status, 200, "{link}");
        }
        assert_eq!(get("/docs/errors/NOPE").problem(), "NOT_FOUND");
    }
}
