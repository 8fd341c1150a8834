# METADATA
# title: Notes are polite
# custom:
#   owner: platform
#   severity: low
#   controls: []
#   remediation: Say it in other words.
package gaia.plan.no_rude_notes

import data.gaia.lib.plan
import data.gaia.lib.value

notes := [resource | some resource in plan.written; resource.type == "terraform_data"]

said(resource) := value.read(resource.change, ["input", "text"])

deny contains {"address": resource.address, "message": "the note is rude"} if {
	some resource in notes
	said(resource).state == "known"
	contains(said(resource).value, "rude")
}

undecided contains {"address": resource.address, "message": "what the note says is known only after apply"} if {
	some resource in notes
	said(resource).state == "unknown"
}
