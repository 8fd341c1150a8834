# METADATA
# title: Everything stands in the regions of its stage
# description: >
#   Data stays where it was agreed, and where somebody looks: trails, budgets and alarms are made for these regions.
# custom:
#   severity: high
#   owner: security
#   controls: []
#   remediation: >
#     Use a region of the list in policies/plan/allowed_regions.rego, or put the new one there when its baseline is made.
package gaia.plan.allowed_regions

import data.gaia.lib.plan
import data.gaia.lib.stage
import data.gaia.lib.value

allowed := {"other": {"us-east-1", "eu-west-1"}}

deny contains {"message": message} if {
	some region in regions
	count(agreeing(region)) == 0
	message := sprintf("the provider works in %s", [region])
}

undecided contains {"message": message} if {
	some region in regions
	torn(region)
	message := sprintf("the provider works in %s, which some stages may, and nobody says which this is", [region])
}

undecided contains {"message": "which region the provider works in is not said in the plan"} if {
	some _, config in providers
	reference := object.get(config, ["expressions", "region", "references"], [])
	count(reference) > 0
	count(named(config)) == 0
}

deny contains {"address": resource.address, "message": message} if {
	some resource in plan.of("aws_subnet")
	read := value.read(resource.change, ["availability_zone"])
	is_string(read.value)
	zone_elsewhere(read.value)
	message := sprintf("its zone is %s", [read.value])
}

undecided contains {"address": resource.address, "message": "its zone is known only after apply"} if {
	some resource in plan.of("aws_subnet")
	value.read(resource.change, ["availability_zone"]).state == "unknown"
	plan.said(resource, "availability_zone")
}

undecided contains {"address": resource.address, "message": message} if {
	some resource in plan.of("aws_subnet")
	read := value.read(resource.change, ["availability_zone"])
	is_string(read.value)
	torn(region_of(read.value))
	message := sprintf("its zone is %s, which some stages may have, and nobody says which this is", [read.value])
}

zone_elsewhere(zone) if {
	zone != ""
	count(agreeing(region_of(zone))) == 0
}

region_of(zone) := trim_right(zone, "abcdefgh")

# What the stages that this may be allow, as far as the region is in it.
agreeing(region) := {some_stage | some some_stage in stage.any_of(allowed); region in some_stage}

torn(region) if {
	count(agreeing(region)) > 0
	count(agreeing(region)) < count(stage.any_of(allowed))
}

providers := {name: config |
	some name, config in object.get(input, ["configuration", "provider_config"], {})
	object.get(config, "name", "") == "aws"
}

regions := {region |
	some _, config in providers
	some region in named(config)
}

# What a provider's block says, itself or through a variable.
named(config) := {region |
	region := object.get(config, ["expressions", "region", "constant_value"], "")
	region != ""
} | {region |
	some reference in object.get(config, ["expressions", "region", "references"], [])
	startswith(reference, "var.")
	region := object.get(input, ["variables", trim_prefix(reference, "var."), "value"], null)
	is_string(region)
}
