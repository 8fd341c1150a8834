# METADATA
# title: Data is encrypted on its way
# description: >
#   Caches, brokers, searches, file systems and databases speak TLS with those who use them, and with each other.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP ElastiCache.5, AWS FSBP MSK.1, AWS FSBP Opensearch.3, AWS FSBP Opensearch.8, AWS FSBP Redshift.2]
#   remediation: >
#     Switch encryption in transit on, and clients to TLS.
package gaia.plan.encrypted_in_transit

import data.gaia.lib.plan
import data.gaia.lib.setting
import data.gaia.lib.value

settings := {
	"aws_dax_cluster": [{"path": ["cluster_endpoint_encryption_type"], "want": {"one_of": {"TLS"}}}],
	"aws_ecs_task_definition": [{"path": ["volume", "*", "efs_volume_configuration", 0, "transit_encryption"], "want": {"one_of": {"ENABLED"}}, "may_be_absent": true}],
	"aws_elasticache_replication_group": [{"path": ["transit_encryption_enabled"], "want": "on"}],
	"aws_msk_cluster": [
		{"path": ["encryption_info", 0, "encryption_in_transit", 0, "client_broker"], "want": {"one_of": {"TLS"}}},
		{"path": ["encryption_info", 0, "encryption_in_transit", 0, "in_cluster"], "want": {"none_of": {false}}},
	],
	"aws_opensearch_domain": [
		{"path": ["node_to_node_encryption", 0, "enabled"], "want": "on"},
		{"path": ["domain_endpoint_options", 0, "enforce_https"], "want": "on"},
	],
}

# Parameters that make a database refuse whoever speaks in clear, and what they must be where they are said.
parameters := {
	"rds.force_ssl": {"1"},
	"require_ssl": {"true", "1"},
	"require_secure_transport": {"on", "1"},
	"tls": {"enabled", "tls1.2+", "tls1.3+", "fips-140-3"},
}

groups := {"aws_db_parameter_group", "aws_docdb_cluster_parameter_group", "aws_rds_cluster_parameter_group", "aws_redshift_parameter_group"}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s lets data go in clear", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, name, read] in said
	read.state == "known"
	not lower(sprintf("%v", [read.value])) in parameters[name]
	message := sprintf("%s is %v, so data may go in clear", [name, read.value])
}

undecided contains {"address": resource.address, "message": message} if {
	some [resource, name, read] in said
	read.state == "unknown"
	message := sprintf("%s is known only after apply", [name])
}

undecided contains {"address": resource.address, "message": "its parameters are known only after apply"} if {
	some kind in groups
	some resource in plan.of(kind)
	plan.open(resource, "parameter")
}

said := [[resource, name, value.read(resource.change, ["parameter", number, "value"])] |
	some kind in groups
	some resource in plan.of(kind)
	some number, parameter in value.members(resource.change, ["parameter"])
	is_object(parameter)
	name := object.get(parameter, "name", "")
	parameters[name]
]
