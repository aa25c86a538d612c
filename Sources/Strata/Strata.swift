// The umbrella a user imports: every level of the stack, re-exported.
@_exported import Cluster
@_exported import Compiler
@_exported import CustomCode
@_exported import Datasets
@_exported import Estimator
@_exported import Execution
@_exported import GraphIR
@_exported import GraphTracing
@_exported import HostTensors
@_exported import enum KernelIR.CPULevel
@_exported import enum KernelIR.Precision
@_exported import Layers
@_exported import Summaries
@_exported import Training
