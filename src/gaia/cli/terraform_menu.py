"""The subcommands of `gaia terraform`, see `gaia.cli.menu`."""

from gaia.cli.entry import Entry, on_instance, passed_on

TERRAFORM = Entry(
    "terraform",
    "Run any subcommand of terraform on an instance.",
    "terraform:other",
    raw=True,
    entries=(
        on_instance("plan", "Show what terraform would do to an instance now.", "terraform:plan"),
        on_instance("apply", "Plan, ask, and apply exactly that plan.", "terraform:apply"),
        on_instance("deploy", "Apply and do not ask.", "terraform:deploy"),
        on_instance("destroy", "Plan, ask, and destroy exactly that.", "terraform:destroy"),
        on_instance("output", "Show an instance's outputs, or one of them.", "terraform_output:output"),
        passed_on("init", "Initialize the working directory: backend, providers, modules."),
        passed_on("validate", "Check that the code is valid."),
        passed_on("show", "Show the state, or a saved plan.", "-json"),
        passed_on("state", "Work on the state: list, show, mv, rm, pull, push.", second="list"),
        passed_on("import", "Bring one resource that exists into the state.", "aws_vpc.this vpc-0a1b2c"),
        passed_on("refresh", "Update the state from what exists."),
        passed_on("taint", "Mark a resource to be replaced by the next apply.", "aws_vpc.this"),
        passed_on("untaint", "Take that mark away.", "aws_vpc.this"),
        passed_on("force-unlock", "Release a lock that a killed command left on the state.", "LOCK_ID"),
        passed_on("workspace", "Select or make the instance's workspace."),
        passed_on("console", "Evaluate expressions with the instance's values."),
        passed_on("shell", "Start a shell in which terraform acts on the instance."),
        passed_on("clean", "Remove the instance's working directories and generated files."),
        passed_on("providers", "Show which providers the code needs; lock, mirror, schema."),
        passed_on("graph", "Print the graph of resources for Graphviz."),
        passed_on("get", "Fetch the modules that the code names."),
        passed_on("modules", "List the modules that the code declares."),
        passed_on("fmt", "Format the component's code in its own folder."),
        passed_on("test", "Run the code's own tests."),
        Entry(
            "generate",
            "Write the files that Atmos generates.",
            entries=(
                Entry("varfile", "Write an instance's variables as a varfile.", "generate:varfile"),
                Entry("varfiles", "Write the variables of all instances as varfiles.", "generate:varfiles"),
                Entry("backend", "Write an instance's backend as backend.tf.json.", "generate:backend"),
                Entry("backends", "Write the backends of all instances.", "generate:backends"),
                Entry("files", "Write the files of an instance's `generate` section.", "generate:files"),
                Entry("planfile", "Write an instance's plan as a document.", "generate:planfile"),
            ),
        ),
    ),
)
