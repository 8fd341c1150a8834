package gaia.request_test

import data.gaia.request

retirement := {"kind": "retire", "stage": "dev", "requester": "ann", "owner": "ann"}

asked(changes, findings) := {"gaia": object.union(retirement, changes), "findings": findings}

test_own_development_service_may_go if request.auto_approve with input as asked({}, [])

test_a_warning_does_not_stop_it if request.auto_approve with input as asked({}, [{"effect": "warn"}])

test_a_denial_stops_it if not request.auto_approve with input as asked({}, [{"effect": "deny"}])

test_an_undecided_rule_stops_it if not request.auto_approve with input as asked({}, [{"effect": "undecided"}])

test_somebody_elses_service_waits if not request.auto_approve with input as asked({"requester": "bob"}, [])

test_production_waits if not request.auto_approve with input as asked({"stage": "prod"}, [])

test_a_new_service_waits if not request.auto_approve with input as asked({"kind": "provision"}, [])

test_unknown_people_wait if not request.auto_approve with input as asked({"requester": null, "owner": null}, [])

test_unknown_findings_wait if not request.auto_approve with input as {"gaia": retirement}
