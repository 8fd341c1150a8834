# METADATA
# title: Production changes while somebody is there
# description: >
#   Changes of production are applied on working days and within working hours (UTC), and not in a freeze. What is asked for
#   and approved at night is applied by day: of a request's preview (input.gaia.step) it is undecided, whatever the time,
#   and decided by the time at which its plan is about to be applied (input.gaia.now). Who looks at a plan is not told.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Apply it in the window; for an emergency ask for a waiver.
package gaia.plan.change_windows

days := {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}

opens := 6

closes := 18

# Pairs of the first and the last day of a freeze, as "2026-12-19".
freezes := set()

# What is wrong is the same at every hour outside, so that a waiver holds for longer than a moment.
deny contains {"message": message, "value": [opens, closes]} if {
	data.gaia.lib.stage.production
	changes
	not later
	not within_window
	message := sprintf("it is %s, and production changes from %d to %d UTC on working days", [now, opens, closes])
}

deny contains {"message": message} if {
	data.gaia.lib.stage.production
	changes
	not later
	some [first, last] in freezing
	message := sprintf("production is frozen from %s to %s", [first, last])
}

undecided contains {"message": message} if {
	data.gaia.lib.stage.production
	changes
	later
	message := sprintf("nobody knows when it will be applied; production changes from %d to %d UTC on working days", [opens, closes])
}

undecided contains {"message": message} if {
	data.gaia.lib.stage.unsaid
	changes
	not later
	not of_gaia
	not allowed_now
	message := sprintf("it is %s, and nobody says whether this is production, which changes from %d to %d UTC on working days", [now, opens, closes])
}

undecided contains {"message": "nobody can say when this is, so nobody can say whether production may change"} if {
	data.gaia.lib.stage.production
	changes
	not later
	now != ""
	not moment
}

later if input.gaia.step == "preview"

# What has no stage has no window: a plan that is shown or applied here says the same at every hour.
of_gaia if input.gaia.step in {"plan", "apply"}

now := object.get(input, ["gaia", "now"], "")

moment := time.parse_rfc3339_ns(now) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`, now)

allowed_now if {
	within_window
	count(freezing) == 0
}

# Freezes that the day is in.
freezing contains [first, last] if {
	some [first, last] in freezes
	date := substring(now, 0, 10)
	first <= date
	date <= last
}

within_window if not moment

within_window if {
	time.weekday(moment) in days
	[hour, _, _] := time.clock(moment)
	hour >= opens
	hour < closes
}

# What changes nothing may be done at any time.
changes if {
	data.gaia.lib.plan.changes
	not looking
}

# Who looks at a plan is told the same at every hour.
looking if input.gaia.step == "plan"
