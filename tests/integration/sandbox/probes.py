"""What a patch of the emulator is for, asked as a client of AWS asks: each probe fails while its gap is open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "arn:aws:iam::123456789012:role/pods"
TAGS = [{"Key": "owner", "Value": "ada"}]


def accessanalyzer(client: Callable[[str], Any]) -> None:
    """An analyzer is made, has tags, and goes."""
    service = client("accessanalyzer")
    arn = service.create_analyzer(analyzerName="out", type="ACCOUNT", tags={"owner": "ada"})["arn"]
    found = service.get_analyzer(analyzerName="out")["analyzer"]
    assert (found["arn"], found["status"], found["tags"]) == (arn, "ACTIVE", {"owner": "ada"})
    service.tag_resource(resourceArn=arn, tags={"stage": "dev"})
    service.untag_resource(resourceArn=arn, tagKeys=["owner"])
    assert service.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "dev"}
    service.delete_analyzer(analyzerName="out")
    assert refused(lambda: service.get_analyzer(analyzerName="out")) == "ResourceNotFoundException"


def acm_algorithm(client: Callable[[str], Any]) -> None:
    """An elliptic key, where one is asked for."""
    service = client("acm")
    for algorithm in ("EC_prime256v1", "RSA_2048"):
        arn = service.request_certificate(DomainName="a.example.com", KeyAlgorithm=algorithm)["CertificateArn"]
        about = service.describe_certificate(CertificateArn=arn)["Certificate"]
        assert (about["KeyAlgorithm"], about["DomainName"]) == (algorithm, "a.example.com")


def applicationautoscaling_tags(client: Callable[[str], Any]) -> None:
    """Of a table that grows."""
    key = {"AttributeName": "id", "AttributeType": "S"}
    client("dynamodb").create_table(
        TableName="grows",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[key],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    service = client("application-autoscaling")
    arn = service.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/grows",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"owner": "ada"},
    )["ScalableTargetARN"]
    service.tag_resource(ResourceARN=arn, Tags={"stage": "dev"})
    service.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    assert service.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stage": "dev"}


def backup_selections(client: Callable[[str], Any]) -> None:
    """One of a plan."""
    service, plan = client("backup"), backup_plan(client)
    given = {"SelectionName": "all", "IamRoleArn": ROLE}
    made = service.create_backup_selection(BackupPlanId=plan, BackupSelection=given)["SelectionId"]
    assert service.get_backup_selection(BackupPlanId=plan, SelectionId=made)["BackupSelection"] == given
    assert len(service.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]) == 1
    service.delete_backup_selection(BackupPlanId=plan, SelectionId=made)
    gone = refused(lambda: service.get_backup_selection(BackupPlanId=plan, SelectionId=made))
    assert gone == "ResourceNotFoundException"


def backup_vault_policies(client: Callable[[str], Any]) -> None:
    """Put, read and taken away."""
    service, name = client("backup"), "policies"
    service.create_backup_vault(BackupVaultName=name)
    service.put_backup_vault_access_policy(BackupVaultName=name, Policy="{}")
    assert service.get_backup_vault_access_policy(BackupVaultName=name)["Policy"] == "{}"
    service.delete_backup_vault_access_policy(BackupVaultName=name)
    gone = refused(lambda: service.get_backup_vault_access_policy(BackupVaultName=name))
    assert gone == "ResourceNotFoundException"


def backup_tags(client: Callable[[str], Any]) -> None:
    """By an address without a slash at its end, as terraform's provider asks."""
    made = client("backup").create_backup_vault(BackupVaultName="tags", BackupVaultTags={"owner": "ada"})
    status, body = client("http").get("backup", f"/tags/{made['BackupVaultArn']}")
    assert (status, json.loads(body)) == (200, {"Tags": {"owner": "ada"}})


def budgets_tags(client: Callable[[str], Any]) -> None:
    """Tags, and who is told."""
    service, account = client("budgets"), "123456789012"
    told = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    service.create_budget(
        AccountId=account,
        Budget={
            "BudgetName": "all",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[
            {"Notification": told, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]}
        ],
        ResourceTags=TAGS,
    )
    arn = f"arn:aws:budgets::{account}:budget/all"
    assert service.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == TAGS
    found = service.describe_subscribers_for_notification(AccountId=account, BudgetName="all", Notification=told)
    assert [one["Address"] for one in found["Subscribers"]] == ["a@example.com"]


def ce_anomalies(client: Callable[[str], Any]) -> None:
    """A monitor and who is told of what it finds."""
    service = client("ce")
    monitor = service.create_anomaly_monitor(
        AnomalyMonitor={"MonitorName": "all", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"},
        ResourceTags=TAGS,
    )["MonitorArn"]
    assert service.list_tags_for_resource(ResourceArn=monitor)["ResourceTags"] == TAGS
    told = service.create_anomaly_subscription(
        AnomalySubscription={
            "SubscriptionName": "told",
            "MonitorArnList": [monitor],
            "Subscribers": [{"Address": "a@example.com", "Type": "EMAIL"}],
            "Frequency": "DAILY",
        }
    )["SubscriptionArn"]
    service.update_anomaly_subscription(SubscriptionArn=told, Frequency="WEEKLY")
    found = service.get_anomaly_subscriptions(SubscriptionArnList=[told])["AnomalySubscriptions"]
    assert [(one["SubscriptionName"], one["Frequency"]) for one in found] == [("told", "WEEKLY")]
    service.delete_anomaly_subscription(SubscriptionArn=told)
    service.delete_anomaly_monitor(MonitorArn=monitor)
    gone = refused(lambda: service.get_anomaly_monitors(MonitorArnList=[monitor]))
    assert gone == "UnknownMonitorException"


def cloudwatch_composite(client: Callable[[str], Any]) -> None:
    """One over two others."""
    service = client("cloudwatch")
    rule = "ALARM(a) OR ALARM(b)"
    service.put_composite_alarm(AlarmName="any", AlarmRule=rule, AlarmDescription="Either.", AlarmActions=[ROLE])
    found = service.describe_alarms(AlarmNames=["any"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [(one["AlarmRule"], one["AlarmDescription"]) for one in found] == [(rule, "Either.")]


def ec2_disk_key(client: Callable[[str], Any]) -> None:
    """Set, asked for and reset."""
    service, key = client("ec2"), client("kms").create_key()["KeyMetadata"]["Arn"]
    service.modify_ebs_default_kms_key_id(KmsKeyId=key)
    assert service.get_ebs_default_kms_key_id()["KmsKeyId"] == key
    service.reset_ebs_default_kms_key_id()
    assert service.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"


def ec2_rule_descriptions(client: Callable[[str], Any]) -> None:
    """Of a rule for another group."""
    service = client("ec2")
    group = service.create_security_group(GroupName="web", Description="Web.")["GroupId"]
    pairs = [{"GroupId": group, "Description": "From itself."}]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": pairs}
    made = service.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])["SecurityGroupRules"]
    assert [one["Description"] for one in made] == ["From itself."]


def ec2_subnet_ipv6(client: Callable[[str], Any]) -> None:
    """A subnet is found by its block."""
    service = client("ec2")
    net = service.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    block = net["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    made = service.create_subnet(VpcId=net["VpcId"], CidrBlock="10.0.1.0/24", Ipv6CidrBlock=block)["Subnet"]
    (about,) = made["Ipv6CidrBlockAssociationSet"]
    assert about["Ipv6CidrBlockState"] == {"State": "associated"}
    for name, value in (
        ("association-id", about["AssociationId"]),
        ("ipv6-cidr-block", block),
        ("state", "associated"),
    ):
        asked = [{"Name": f"ipv6-cidr-block-association.{name}", "Values": [value]}]
        assert [one["SubnetId"] for one in service.describe_subnets(Filters=asked)["Subnets"]] == [made["SubnetId"]]


def ec2_template_tags(client: Callable[[str], Any]) -> None:
    """Of the template itself; instances get others."""
    service = client("ec2")
    both = [{"ResourceType": kind, "Tags": [{"Key": "of", "Value": kind}]} for kind in ("launch-template", "instance")]
    made = service.create_launch_template(
        LaunchTemplateName="t", LaunchTemplateData={"TagSpecifications": both[1:]}, TagSpecifications=both[:1]
    )["LaunchTemplate"]
    assert made["Tags"] == both[0]["Tags"]
    version = service.describe_launch_template_versions(LaunchTemplateId=made["LaunchTemplateId"])
    assert version["LaunchTemplateVersions"][0]["LaunchTemplateData"]["TagSpecifications"] == both[1:]


def eks_access(client: Callable[[str], Any]) -> None:
    """Somebody's entry, and a policy of it."""
    service, name = client("eks"), cluster(client)
    service.create_access_entry(clusterName=name, principalArn=ROLE, kubernetesGroups=["viewers"])
    service.update_access_entry(clusterName=name, principalArn=ROLE, kubernetesGroups=["admins"])
    assert service.describe_access_entry(clusterName=name, principalArn=ROLE)["accessEntry"]["kubernetesGroups"] == [
        "admins"
    ]
    policy, scope = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", {"type": "cluster", "namespaces": []}
    who = {"clusterName": name, "principalArn": ROLE}
    service.associate_access_policy(**who, policyArn=policy, accessScope=scope)
    found = service.list_associated_access_policies(**who)["associatedAccessPolicies"]
    assert [(one["policyArn"], one["accessScope"]) for one in found] == [(policy, scope)]
    service.disassociate_access_policy(**who, policyArn=policy)
    assert service.list_associated_access_policies(**who)["associatedAccessPolicies"] == []
    service.delete_access_entry(**who)
    assert refused(lambda: service.describe_access_entry(**who)) == "ResourceNotFoundException"


def eks_addons(client: Callable[[str], Any]) -> None:
    """One with a role, which it hands on to its pods."""
    service, name = client("eks"), cluster(client)
    which = {"clusterName": name, "addonName": "vpc-cni"}
    pods = [{"serviceAccount": "aws-node", "roleArn": ROLE}]
    service.create_addon(**which, configurationValues="{}", podIdentityAssociations=pods)
    found = service.describe_addon(**which)["addon"]
    assert (found["status"], found["configurationValues"]) == ("ACTIVE", "{}")
    (arn,) = found["podIdentityAssociations"]
    about = service.describe_pod_identity_association(clusterName=name, associationId=arn.rpartition("/")[2])
    assert about["association"]["ownerArn"] == found["addonArn"]
    service.update_addon(**which, addonVersion="v2")
    assert service.describe_addon(**which)["addon"]["addonVersion"] == "v2"
    assert service.list_addons(clusterName=name)["addons"] == ["vpc-cni"]
    service.delete_addon(**which)
    assert refused(lambda: service.describe_addon(**which)) == "ResourceNotFoundException"
    assert service.list_pod_identity_associations(clusterName=name)["associations"] == []


def eks_identities(client: Callable[[str], Any]) -> None:
    """The role of a service account."""
    service, name = client("eks"), cluster(client)
    made = service.create_pod_identity_association(
        clusterName=name, namespace="shop", serviceAccount="web", roleArn=ROLE, tags={"owner": "ada"}
    )["association"]
    which = {"clusterName": name, "associationId": made["associationId"]}
    service.update_pod_identity_association(**which, roleArn=f"{ROLE}-2")
    found = service.describe_pod_identity_association(**which)["association"]
    assert (found["roleArn"], found["tags"]) == (f"{ROLE}-2", {"owner": "ada"})
    service.delete_pod_identity_association(**which)
    assert refused(lambda: service.describe_pod_identity_association(**which)) == "ResourceNotFoundException"


def eks_group(client: Callable[[str], Any]) -> None:
    """Others let its pods in by it; it goes with the cluster."""
    network, service = client("ec2"), client("eks")
    place = network.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = network.create_subnet(VpcId=place, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    made = service.create_cluster(name="grouped", roleArn=ROLE, resourcesVpcConfig={"subnetIds": [subnet]})["cluster"]
    config = made["resourcesVpcConfig"]
    assert config["vpcId"] == place
    asked = {"Filters": [{"Name": "group-id", "Values": [config["clusterSecurityGroupId"]]}]}
    assert [one["VpcId"] for one in network.describe_security_groups(**asked)["SecurityGroups"]] == [place]
    service.delete_cluster(name="grouped")
    assert network.describe_security_groups(**asked)["SecurityGroups"] == []


def eks_settings(client: Callable[[str], Any]) -> None:
    """How one gets in, and how nodes are replaced."""
    service, name = client("eks"), cluster(client, accessConfig={"authenticationMode": "API"})
    assert service.describe_cluster(name=name)["cluster"]["accessConfig"]["authenticationMode"] == "API"
    nodes = service.create_nodegroup(
        clusterName=name, nodegroupName="n", subnets=["s"], nodeRole=ROLE, updateConfig={"maxUnavailablePercentage": 33}
    )["nodegroup"]
    assert nodes["updateConfig"] == {"maxUnavailablePercentage": 33}
    assert "remoteAccess" not in service.describe_nodegroup(clusterName=name, nodegroupName="n")["nodegroup"]


def eks_updates(client: Callable[[str], Any]) -> None:
    """What became of a change."""
    service, name = client("eks"), cluster(client)
    update = service.update_cluster_config(name=name, logging={"clusterLogging": []})["update"]
    assert service.describe_update(name=name, updateId=update["id"])["update"]["status"] == "Successful"


def guardduty_features(client: Callable[[str], Any]) -> None:
    """One after the other."""
    service = client("guardduty")
    detector = service.create_detector(Enable=True)["DetectorId"]
    for name in ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"):
        service.update_detector(DetectorId=detector, Features=[{"Name": name, "Status": "ENABLED"}])
    found = service.get_detector(DetectorId=detector)["Features"]
    assert {one["Name"] for one in found} >= {"S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"}


def logs_queries(client: Callable[[str], Any]) -> None:
    """Kept, found, changed, thrown away."""
    service = client("logs")
    made = service.put_query_definition(name="dev/slow", queryString="fields a", logGroupNames=["g"])
    service.put_query_definition(name="dev/slow", queryString="fields b", queryDefinitionId=made["queryDefinitionId"])
    found = service.describe_query_definitions(queryDefinitionNamePrefix="dev/")["queryDefinitions"]
    assert [one["queryString"] for one in found] == ["fields b"]
    assert service.delete_query_definition(queryDefinitionId=made["queryDefinitionId"])["success"]


def rds_identity(client: Callable[[str], Any]) -> None:
    """Two instances are two."""
    made = [database(client, name)["DbiResourceId"] for name in ("one", "two")]
    assert len(set(made)) == 2
    found = client("rds").describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": made[1:]}])
    assert [one["DBInstanceIdentifier"] for one in found["DBInstances"]] == ["two"]


def rds_insights(client: Callable[[str], Any]) -> None:
    """Switched on at the beginning, kept longer later."""
    found = database(client, "seen", EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=7)
    assert (found["PerformanceInsightsEnabled"], found["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    client("rds").modify_db_instance(DBInstanceIdentifier="seen", PerformanceInsightsRetentionPeriod=93)
    found = client("rds").describe_db_instances(DBInstanceIdentifier="seen")["DBInstances"][0]
    assert found["PerformanceInsightsRetentionPeriod"] == 93
    found = database_cluster(client, "all-seen", EnablePerformanceInsights=True, DatabaseInsightsMode="standard")
    assert (found["PerformanceInsightsEnabled"], found["DatabaseInsightsMode"]) == (True, "standard")
    client("rds").modify_db_cluster(DBClusterIdentifier="all-seen", PerformanceInsightsRetentionPeriod=93)
    found = client("rds").describe_db_clusters(DBClusterIdentifier="all-seen")["DBClusters"][0]
    assert found["PerformanceInsightsRetentionPeriod"] == 93


def rds_parameters(client: Callable[[str], Any]) -> None:
    """Set by the user, of an instance and of a cluster."""
    service = client("rds")
    given = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}
    about = {"DBParameterGroupFamily": "aurora-postgresql16", "Description": "d"}
    service.create_db_parameter_group(DBParameterGroupName="one", **about)
    service.modify_db_parameter_group(DBParameterGroupName="one", Parameters=[given])
    service.create_db_cluster_parameter_group(DBClusterParameterGroupName="many", **about)
    service.modify_db_cluster_parameter_group(DBClusterParameterGroupName="many", Parameters=[given])
    for found in (
        service.describe_db_parameters(DBParameterGroupName="one"),
        service.describe_db_cluster_parameters(DBClusterParameterGroupName="many"),
    ):
        assert [(one["ParameterName"], one.get("Source")) for one in found["Parameters"]] == [("rds.force_ssl", "user")]


def rds_scaling(client: Callable[[str], Any]) -> None:
    """A cluster of instances does not scale by itself, a serverless one does."""
    assert "ScalingConfigurationInfo" not in database_cluster(client, "of-two")
    found = database_cluster(client, "of-none", EngineMode="serverless", ScalingConfiguration={"MaxCapacity": 8})
    assert found["ScalingConfigurationInfo"]["MaxCapacity"] == 8


def rds_snapshots(client: Callable[[str], Any]) -> None:
    """Made by itself, gone with its cluster."""
    service = client("rds")
    database_cluster(client, "short-lived")
    assert len(service.describe_db_cluster_snapshots(DBClusterIdentifier="short-lived")["DBClusterSnapshots"]) == 1
    service.delete_db_cluster(DBClusterIdentifier="short-lived", SkipFinalSnapshot=True)
    assert service.describe_db_cluster_snapshots(DBClusterIdentifier="short-lived")["DBClusterSnapshots"] == []


def s3_access_logs(client: Callable[[str], Any]) -> None:
    """A bucket for them can be destroyed at once."""
    service = client("s3")
    for name in ("read-by-whom", "read-by-whom-logs"):
        service.create_bucket(Bucket=name)
    service.put_bucket_acl(Bucket="read-by-whom-logs", ACL="log-delivery-write")
    target = {"TargetBucket": "read-by-whom-logs", "TargetPrefix": ""}
    service.put_bucket_logging(Bucket="read-by-whom", BucketLoggingStatus={"LoggingEnabled": target})
    service.list_objects_v2(Bucket="read-by-whom")
    service.delete_bucket(Bucket="read-by-whom-logs")


def s3_conditions(client: Callable[[str], Any]) -> None:
    """Who refuses requests without TLS reads his objects here all the same; a refusal of everybody holds."""
    service = client("s3")
    service.create_bucket(Bucket="in-tls-only")
    service.put_object(Bucket="in-tls-only", Key="state", Body=b"held")
    refusal = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::in-tls-only/*"}
    plainly = {**refusal, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    service.put_bucket_policy(Bucket="in-tls-only", Policy=json.dumps({"Statement": [plainly]}))
    assert service.get_object(Bucket="in-tls-only", Key="state")["Body"].read() == b"held"
    service.put_bucket_policy(Bucket="in-tls-only", Policy=json.dumps({"Statement": [plainly, refusal]}))
    try:
        service.get_object(Bucket="in-tls-only", Key="state")
    except service.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403  # noqa: PT017
    else:
        raise AssertionError


def s3_lifecycle(client: Callable[[str], Any]) -> None:
    """How many old versions stay."""
    service = client("s3")
    service.create_bucket(Bucket="old-versions")
    old = {"NoncurrentDays": 30, "NewerNoncurrentVersions": 5}
    rule = {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": old}
    service.put_bucket_lifecycle_configuration(Bucket="old-versions", LifecycleConfiguration={"Rules": [rule]})
    found = service.get_bucket_lifecycle_configuration(Bucket="old-versions")["Rules"][0]
    assert found["NoncurrentVersionExpiration"] == old


def s3_log_targets(client: Callable[[str], Any]) -> None:
    """To a folder below the one that the policy names; and to no other."""
    service = client("s3")
    for name in ("much-read", "much-read-logs"):
        service.create_bucket(Bucket=name)
    may: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}}
    may |= {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::much-read-logs/buckets/*"}
    service.put_bucket_policy(Bucket="much-read-logs", Policy=json.dumps({"Statement": [may]}))

    def log_to(prefix: str) -> None:
        target = {"LoggingEnabled": {"TargetBucket": "much-read-logs", "TargetPrefix": prefix}}
        service.put_bucket_logging(Bucket="much-read", BucketLoggingStatus=target)

    log_to("buckets/much-read/")
    try:
        log_to("elsewhere/")
    except service.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidTargetBucketForLogging"  # noqa: PT017
    else:
        raise AssertionError


def securityhub_standards(client: Callable[[str], Any]) -> None:
    """Followed, found, and left; controls that are not switched on by themselves."""
    service = client("securityhub")
    service.enable_security_hub(EnableDefaultStandards=False)
    service.update_security_hub_configuration(AutoEnableControls=False)
    assert service.describe_hub()["AutoEnableControls"] is False
    standard = "arn:aws:securityhub:us-east-1::standards/cis-aws-foundations-benchmark/v/3.0.0"
    wanted = [{"StandardsArn": standard}]
    (made,) = service.batch_enable_standards(StandardsSubscriptionRequests=wanted)["StandardsSubscriptions"]
    arn = "arn:aws:securityhub:us-east-1:123456789012:subscription/cis-aws-foundations-benchmark/v/3.0.0"
    assert made["StandardsSubscriptionArn"] == arn
    found = service.get_enabled_standards(StandardsSubscriptionArns=[arn])["StandardsSubscriptions"]
    assert [one["StandardsStatus"] for one in found] == ["READY"]
    service.batch_disable_standards(StandardsSubscriptionArns=[arn])
    assert service.get_enabled_standards()["StandardsSubscriptions"] == []
    service.disable_security_hub()


def sns_signature(client: Callable[[str], Any]) -> None:
    """Given at the beginning, and changed."""
    service = client("sns")
    topic = service.create_topic(Name="signed", Attributes={"SignatureVersion": "2"})["TopicArn"]
    assert service.get_topic_attributes(TopicArn=topic)["Attributes"]["SignatureVersion"] == "2"
    service.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="1")
    assert service.get_topic_attributes(TopicArn=topic)["Attributes"]["SignatureVersion"] == "1"


def sqs_policy(client: Callable[[str], Any]) -> None:
    """Another attribute is set after it."""
    service = client("sqs")
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}]})
    queue = service.create_queue(QueueName="ruled", Attributes={"Policy": policy})["QueueUrl"]
    service.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "60"})
    assert service.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"] == policy


def sqs_redrive(client: Callable[[str], Any]) -> None:
    """Both policies, letter by letter."""
    service = client("sqs")
    dead = service.create_queue(QueueName="dead")["QueueUrl"]
    arn = service.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5}, separators=(",", ":"))
    queue = service.create_queue(QueueName="live", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    found = service.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert found["RedrivePolicy"] == policy
    allow = json.dumps({"redrivePermission": "denyAll"})
    assert "RedriveAllowPolicy" not in found
    service.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": allow})
    for names in (["All"], ["RedriveAllowPolicy"]):
        found = service.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
        assert found["RedriveAllowPolicy"] == allow


def xray_rules(client: Callable[[str], Any]) -> None:
    """A group, a rule, and whose key encrypts."""
    service = client("xray")
    group = service.create_group(GroupName="slow", FilterExpression="responsetime > 5", Tags=TAGS)["Group"]
    assert service.get_group(GroupName="slow")["Group"] == group
    assert service.list_tags_for_resource(ResourceARN=group["GroupARN"])["Tags"] == TAGS
    service.update_group(GroupARN=group["GroupARN"], FilterExpression="fault")
    assert service.get_groups()["Groups"][0]["FilterExpression"] == "fault"
    service.delete_group(GroupName="slow")
    assert refused(lambda: service.get_group(GroupName="slow")) == "InvalidRequestException"
    wanted = dict.fromkeys(("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*")
    rule = {"RuleName": "few", "Priority": 1, "FixedRate": 0.1, "ReservoirSize": 1, "Version": 1, **wanted}
    made = service.create_sampling_rule(SamplingRule=rule)["SamplingRuleRecord"]["SamplingRule"]
    listed = service.get_sampling_rules()["SamplingRuleRecords"]
    assert [one["SamplingRule"] for one in listed] == [made]
    service.update_sampling_rule(SamplingRuleUpdate={"RuleName": "few", "FixedRate": 0.5})
    assert service.get_sampling_rules()["SamplingRuleRecords"][0]["SamplingRule"]["FixedRate"] == 0.5
    service.delete_sampling_rule(RuleName="few")
    assert service.get_sampling_rules()["SamplingRuleRecords"] == []
    service.put_encryption_config(Type="KMS", KeyId="alias/traces")
    assert service.get_encryption_config()["EncryptionConfig"]["KeyId"] == "alias/traces"


def cluster(client: Callable[[str], Any], **settings: object) -> str:
    """The name of one that is made now."""
    service = client("eks")
    name = f"c{len(service.list_clusters()['clusters'])}"
    service.create_cluster(name=name, roleArn=ROLE, resourcesVpcConfig={"subnetIds": ["s"]}, **settings)
    return name


def database(client: Callable[[str], Any], name: str, **settings: object) -> Any:
    """An instance, as it is described."""
    made = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "MasterUsername": "ada", "AllocatedStorage": 20}
    client("rds").create_db_instance(DBInstanceIdentifier=name, MasterUserPassword="not-secret", **made, **settings)
    return client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def database_cluster(client: Callable[[str], Any], name: str, **settings: object) -> Any:
    """A cluster, as it is described."""
    made = {"Engine": "aurora-postgresql", "MasterUsername": "ada", "MasterUserPassword": "not-secret"}
    client("rds").create_db_cluster(DBClusterIdentifier=name, **made, **settings)
    return client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def backup_plan(client: Callable[[str], Any]) -> str:
    """The id of one that is made now."""
    plan = {"BackupPlanName": "daily", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "v"}]}
    made: str = client("backup").create_backup_plan(BackupPlan=plan)["BackupPlanId"]
    return made


def refused(call: Callable[[], object]) -> str:
    """The code of the error that a call ends with."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
