"""Plan, apply and destroy of one instance, with a journal on disk that a recovery after SIGKILL can stand on."""
