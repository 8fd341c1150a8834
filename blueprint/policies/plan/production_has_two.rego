# METADATA
# title: Production does not hang on one
# description: >
#   An Aurora cluster has a second instance to go on with, and private networks over several zones have a NAT gateway in each:
#   with one, the loss of its zone takes the others from the internet.
# custom:
#   severity: high
#   owner: platform
#   controls: [AWS FSBP RDS.15]
#   remediation: >
#     Add an instance to the cluster; set nat_gateway_strategy to one_per_az.
package gaia.plan.production_has_two

import data.gaia.lib.plan
import data.gaia.lib.tie
import data.gaia.lib.value

deny contains {"address": address, "message": message} if {
	data.gaia.lib.stage.production
	some [address, message] in lonely
}

undecided contains {"address": address, "message": message} if {
	data.gaia.lib.stage.unsaid
	some [address, text] in lonely
	message := sprintf("%s, and nobody says whether this is production", [text])
}

undecided contains {"address": cluster.address, "message": "which cluster an instance of the plan belongs to is known only after apply"} if {
	data.gaia.lib.stage.perhaps_production
	some cluster in plan.of("aws_rds_cluster")
	count(members(cluster)) < 2
	some instance in plan.present("aws_rds_cluster_instance")
	loose(instance)
}

undecided contains {"address": cluster.address, "message": "what kind of database it is, is known only after apply"} if {
	data.gaia.lib.stage.perhaps_production
	some cluster in plan.of("aws_rds_cluster")
	value.read(cluster.change, ["engine"]).state == "unknown"
	count(members(cluster)) < 2
}

lonely contains [cluster.address, "one instance only stands behind the cluster"] if {
	some cluster in plan.of("aws_rds_cluster")
	engine := object.get(cluster.change.after, "engine", "")
	is_string(engine)
	startswith(engine, "aurora")
	count(members(cluster)) < 2
	count([instance | some instance in plan.present("aws_rds_cluster_instance"); loose(instance)]) == 0
}

lonely contains [gateway.address, message] if {
	some module, gateways in gateways_by_module
	count(gateways) == 1
	some gateway in gateways
	zones := {object.get(subnet.change.after, "availability_zone", "") |
		some subnet in plan.present("aws_subnet")
		object.get(subnet, "module_address", "") == module
	}
	count(zones) > 1
	message := sprintf("it is the only NAT gateway for %d zones", [count(zones)])
}

gateways_by_module[module][gateway.address] := gateway if {
	some gateway in plan.present("aws_nat_gateway")
	module := object.get(gateway, "module_address", "")
}

# Instances of a cluster: those that name it, or that the configuration ties to it.
members(cluster) := {instance.address |
	some instance in plan.present("aws_rds_cluster_instance")
	ours(instance, cluster)
}

ours(instance, cluster) if {
	name := object.get(instance.change.after, "cluster_identifier", null)
	is_string(name)
	name == object.get(cluster.change.after, "cluster_identifier", null)
}

ours(instance, cluster) if {
	object.get(instance, "module_address", "") == object.get(cluster, "module_address", "")
	cluster.name in tie.tied(instance, "cluster_identifier", "aws_rds_cluster")
}

# Whose instance it is, neither the plan nor the configuration says.
loose(instance) if {
	value.read(instance.change, ["cluster_identifier"]).state == "unknown"
	count(tie.tied(instance, "cluster_identifier", "aws_rds_cluster")) == 0
}
