package gaia.plan.change_windows_test

import data.gaia.plan.change_windows

says(deny, undecided) if {
	count(change_windows.deny) == deny
	count(change_windows.undecided) == undecided
}

at(now, stage) := {
	"gaia": {"stage": stage, "now": now},
	"resource_changes": [{"change": {"actions": ["update"]}}],
}

previewed(now) := object.union(at(now, "prod"), {"gaia": {"step": "preview"}})

test_a_preview_is_undecided_at_any_time if {
	says(0, 1) with input as previewed("2026-11-30T10:00:00Z")
	says(0, 1) with input as previewed("2026-11-29T03:00:00Z")
	said := change_windows.undecided with input as previewed("2026-11-30T10:00:00Z")
	said == change_windows.undecided with input as previewed("2026-11-29T03:00:00Z")
}

test_the_value_is_the_same_at_any_hour if {
	some one in change_windows.deny with input as at("2026-11-29T03:00:00Z", "prod")
	some other in change_windows.deny with input as at("2026-11-29T23:00:00Z", "prod")
	one.value == other.value
	one.message != other.message
}

test_a_working_day_is_allowed if says(0, 0) with input as at("2026-11-30T10:00:00Z", "prod")

test_who_looks_is_told_the_same_at_any_time if {
	says(0, 0) with input as object.union(at("2026-11-29T03:00:00Z", "prod"), {"gaia": {"step": "plan"}})
}

test_development_is_allowed if says(0, 0) with input as at("2026-11-29T03:00:00Z", "dev")

test_asking_is_allowed if says(0, 0) with input as object.remove(at("", "prod"), ["now"])

test_nothing_to_change_is_allowed if {
	says(0, 0) with input as object.union(at("2026-11-29T03:00:00Z", "prod"), {"resource_changes": [{"change": {"actions": ["no-op"]}}]})
}

test_a_sunday_is_denied if says(1, 0) with input as at("2026-11-29T10:00:00Z", "prod")

test_the_night_is_denied if {
	says(1, 0) with input as at("2026-11-30T05:59:59Z", "prod")
	says(1, 0) with input as at("2026-11-30T18:00:00Z", "prod")
}

test_a_freeze_is_denied if {
	says(1, 0) with input as at("2026-12-22T10:00:00Z", "prod") with change_windows.freezes as {["2026-12-19", "2027-01-03"]}
}

test_a_moment_that_is_none_is_undecided if says(0, 1) with input as at("tomorrow", "prod")

unsaid(now) := at(now, null)

test_an_unsaid_stage_is_undecided if {
	says(0, 1) with input as unsaid("2026-11-29T10:00:00Z")
	says(0, 1) with input as unsaid("2026-12-22T10:00:00Z") with change_windows.freezes as {["2026-12-19", "2027-01-03"]}
}

test_an_unsaid_stage_within_the_window_is_allowed if says(0, 0) with input as unsaid("2026-11-30T10:00:00Z")

test_what_has_no_stage_is_allowed_at_any_hour if {
	every hour in ["2026-11-30T10:00:00Z", "2026-11-29T03:00:00Z"] {
		says(0, 0) with input as object.union(unsaid(hour), {"gaia": {"step": "plan"}})
	}
}
