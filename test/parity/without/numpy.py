raise ImportError("kept out of this test: Kedro imports it at the first run of a process, for a second")
