//! Each listener has its own routes, and each route its methods.

use std::collections::BTreeSet;

use quittance::api::{ADMIN_ROUTES, PUBLIC_ROUTES};

use super::admin::ADMIN;
use super::asking::{City, Who};
use super::pages::PAGES;
use super::{PUBLIC, TABLES};
use crate::api_kit::call;

#[test]
fn neither_listener_does_what_the_other_does() {
    let city = City::new();
    let bound = city.door.bound();
    let has = |routes: &[(&str, &str)], path| routes.iter().any(|(_, known)| *known == path);
    for who in Who::ALL {
        for line in PUBLIC.iter().chain(PAGES) {
            if !has(ADMIN_ROUTES, line.path) {
                for told in city.ask(bound.admin, line, who) {
                    assert_eq!(told, "404 NOT_FOUND", "{} {who:?}", line.path);
                }
            }
        }
        for line in ADMIN {
            if !has(PUBLIC_ROUTES, line.path) {
                for told in city.ask(bound.public, line, who) {
                    assert_eq!(told, "404 NOT_FOUND", "{} {who:?}", line.path);
                }
            }
        }
    }
}

#[test]
fn other_methods_are_refused_and_the_right_ones_named() {
    let city = City::new();
    let bound = city.door.bound();
    let methods = [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
    ];
    let (public, admin) = (bound.public, bound.admin);
    let listeners = [public, public, public, admin, admin];
    for ((_, routes), to) in TABLES.iter().zip(listeners) {
        for (_, path) in *routes {
            let known: BTreeSet<String> = routes
                .iter()
                .filter(|(_, other)| other == path)
                .map(|(method, _)| method.to_uppercase())
                .collect();
            for method in methods.iter().filter(|method| !known.contains(**method)) {
                let answer = call(to, method, &city.path(path, Who::BankOwn), &Vec::new(), b"");
                assert_eq!(answer.problem(), "METHOD_NOT_ALLOWED", "{method} {path}");
                assert_eq!(answer.status, 405);
                let allow = answer.header("allow").unwrap();
                let allow: BTreeSet<String> = allow.split(',').map(|m| m.trim().into()).collect();
                assert!(known.is_subset(&allow), "{method} {path}: {allow:?}");
                assert!(!allow.contains(*method), "{method} {path}: {allow:?}");
            }
        }
    }
}
