"""What each address of the page shows, a file for each kind of thing."""

from __future__ import annotations

from gaia.console.pages import (
    changing,
    deciding,
    home,
    looking,
    ordering,
    people,
    requests,
    service_drift,
    service_history,
    services,
    signing_in,
    stacks,
)

OPEN = (
    ("GET", "/sign-in", signing_in.sign_in),
    ("POST", "/theme", looking.theme),
)
"""Addresses for everybody: methods, path, and a function of the request, what is served and the form."""
KNOWN = (
    ("GET", "/", home.home),
    ("POST", "/repository", looking.repository),
    ("GET", "/search", looking.search),
    ("GET", "/services", services.listed),
    ("GET", "/services/{stack}/{service}", services.one),
    ("GET", "/services/{stack}/{service}/history", service_history.history),
    ("GET", "/services/{stack}/{service}/cost", service_history.cost),
    ("GET", "/services/{stack}/{service}/drift", service_drift.drift),
    ("POST", "/services/{stack}/{service}/look", service_drift.look),
    ("POST", "/services/{stack}/{service}/reconcile", service_drift.reconcile),
    ("GET", "/services/{stack}/{service}/change", changing.form),
    ("POST", "/services/{stack}/{service}/change", changing.ask),
    ("POST", "/services/{stack}/{service}/change/trial", changing.tried),
    ("POST", "/services/{stack}/{service}/retire", services.retire),
    ("POST", "/services/{stack}/{service}/keep", services.keep),
    ("GET", "/new", ordering.choose),
    ("GET", "/new/{template}", ordering.form),
    ("POST", "/new/{template}", ordering.ask),
    ("POST", "/new/{template}/trial", ordering.tried),
    ("GET", "/approvals", requests.approvals),
    ("GET", "/requests", requests.listed),
    ("GET", "/requests/{request}", requests.one),
    ("GET", "/requests/{request}/live", requests.live),
    ("GET", "/requests/{request}/log", requests.log),
    ("POST", "/requests/{request}/approve", deciding.approve),
    ("POST", "/requests/{request}/reject", deciding.reject),
    ("POST", "/requests/{request}/comment", deciding.comment),
    ("POST", "/requests/{request}/cancel", deciding.cancel),
    ("POST", "/requests/{request}/resume", deciding.resume),
    ("GET", "/environments", stacks.listed),
    ("GET", "/environments/{stack}", stacks.one),
    ("GET", "/environments/{stack}/instance", stacks.instance),
    ("GET", "/policies", looking.policies),
    ("GET", "/budgets", looking.budgets),
    ("GET", "/spend", looking.spend),
    ("GET", "/people", people.everybody),
    ("POST", "/people/link", people.link),
    ("POST", "/people/token", people.token),
    ("POST", "/people/token/revoke", people.revoke),
    ("GET", "/audit", people.audit),
)
"""Addresses for who has signed in: methods, path, and a function of the call."""
