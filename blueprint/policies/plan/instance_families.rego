# METADATA
# title: Machines are of the families of their stage
# description: >
#   Each stage has families and sizes that its budget was made for. Production's databases are not burstable: once their
#   credits are spent, they crawl.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Choose a family of the list in policies/plan/instance_families.rego, or put the new one there.
package gaia.plan.instance_families

import data.gaia.lib.plan
import data.gaia.lib.stage
import data.gaia.lib.value

# Where each type says what machine it runs on.
machines := {
	"aws_eks_node_group": ["instance_types", "*"],
	"aws_instance": ["instance_type"],
	"aws_launch_template": ["instance_type"],
	"aws_sagemaker_notebook_instance": ["instance_type"],
}

databases := {
	"aws_db_instance": ["instance_class"],
	"aws_docdb_cluster_instance": ["instance_class"],
	"aws_elasticache_replication_group": ["node_type"],
	"aws_neptune_cluster_instance": ["instance_class"],
	"aws_opensearch_domain": ["cluster_config", 0, "instance_type"],
	"aws_rds_cluster_instance": ["instance_class"],
	"aws_redshift_cluster": ["node_type"],
}

allowed_machines := {
	"dev": `^(ml\.)?(t[34][a-z]*|[mcr][5-8][a-z]*)\.(nano|micro|small|medium|large|x?large|2xlarge)$`,
	"other": `^(ml\.)?(t[34][a-z]*|[mcr][5-8][a-z]*|i[3-8][a-z]*|x2[a-z]*)\.(nano|micro|small|medium|large|x?large|([2-9]|1[0-6])xlarge)$`,
}

allowed_databases := {
	"dev": `^(db|cache)?\.?(serverless|(t[34][a-z]*|[mcr][5-8][a-z]*)\.(micro|small|medium|x?large)(\.search)?|ra3\.(large|xlplus))$`,
	"prod": `^(db|cache)?\.?(serverless|([mcr][5-8][a-z]*|x2[a-z]*)\.(x?large|([248]|12|16)xlarge)(\.search)?|ra3\.(large|xlplus|4xlarge|16xlarge))$`,
	"other": `^(db|cache)?\.?(serverless|(t[34][a-z]*|[mcrx][5-8][a-z]*|x2[a-z]*)\.(micro|small|medium|x?large|[248]xlarge)(\.search)?|ra3\.(large|xlplus|4xlarge))$`,
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, read, patterns] in asked
	read.state == "known"
	count(matching(patterns, read.value)) == 0
	message := sprintf("%s is none of the families of this stage", [read.value])
}

undecided contains {"address": resource.address, "message": message} if {
	some [resource, read, patterns] in asked
	read.state == "known"
	count(matching(patterns, read.value)) in numbers.range(1, count(patterns) - 1)
	count(patterns) > 1
	message := sprintf("%s is of the families of some stages, and nobody says which this is", [read.value])
}

matching(patterns, name) := {pattern | some pattern in patterns; regex.match(pattern, name)}

undecided contains {"address": resource.address, "message": "what machine it is, is known only after apply"} if {
	some [resource, read, _] in asked
	read.state == "unknown"
}

asked := array.concat(of(machines, stage.any_of(allowed_machines)), of(databases, stage.any_of(allowed_databases)))

of(table, patterns) := [[resource, read, patterns] |
	some kind, path in table
	some resource in plan.of(kind)
	some read in reads(resource, path)
	is_string(object.get(read, "value", ""))
]

reads(resource, path) := [value.read(resource.change, path)] if {
	not "*" in path
	plan.said(resource, path[0])
}

reads(resource, path) := [known(resource, path)] if {
	not "*" in path
	not plan.said(resource, path[0])
}

reads(resource, path) := array.concat(
	[{"state": "known", "value": one} | some one in value.members(resource.change, [path[0]])],
	[{"state": "unknown"} | value.read(resource.change, [path[0]]).state == "unknown"; plan.said(resource, path[0])],
) if {
	"*" in path
}

# Left out, AWS chooses, and does not choose dearly.
known(resource, path) := read if {
	read := value.read(resource.change, path)
	read.state != "unknown"
} else := {"state": "absent"}
