# Each target first installs what this machine lacks for it (see scripts/setup.sh).

.PHONY: demo test lint docs bench deploy readers setup clean

SWIFT ?= swift

# Trains, evaluates, exports and runs a model, on this machine and for AArch64 under an emulator.
demo: setup
	$(SWIFT) build -c release --product FashionDemo
	scripts/demo.sh

# Everything that is checked before a change lands. The test run comes last, so that its summary ends the output.
test: setup lint readers
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --skip-build --disable-xctest

lint:
	$(SWIFT) format lint --strict --parallel -r Sources Tests Examples codegen-templates Package.swift

# Writes the generated pages and the text graphs again; tests hold them to the code.
docs: setup
	$(SWIFT) build -c release --product WriteGraphs
	$(SWIFT) build -c release --product strata
	.build/release/WriteGraphs graphs
	.build/release/strata ops >docs/ops.md
	.build/release/strata onnx >docs/onnx.md
	.build/release/strata tour >docs/tour.md

# Measures Strata beside other programs and writes the tables into a page of docs/measured.
# PEERS="jax torch", WORKLOADS="T1 T2", SECONDS=1, ROUNDS=1 and VARIANTS=f32 make it less, AGAIN=1 measures anew.
bench: setup
	$(SWIFT) build -c release --product strata
	python3 Benchmarks/bench.py --peers "$(PEERS)" --workloads "$(WORKLOADS)" --seconds "$(SECONDS)" \
		--rounds "$(ROUNDS)" --variants "$(VARIANTS)" --lock "$(LOCK)" $(if $(AGAIN),--again)

# Measures what is shipped: bytes of a library, and the time from process start to its first answer.
deploy: setup
	$(SWIFT) build -c release --product strata
	Benchmarks/deploy/run.sh

readers:
	@scripts/setup-readers.sh

setup:
	@scripts/setup.sh

clean:
	rm -rf .build demo-output
