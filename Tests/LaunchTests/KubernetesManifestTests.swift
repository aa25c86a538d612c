import Foundation
import Launch
import Testing

/// Manifests for Kubernetes.
@Suite struct KubernetesManifestTests {
    @Test func everythingThatCanBeSaid() throws {
        let job = try LaunchJob(
            program: ["/opt/train", "--title", "it's \"new\"\n$(HOME)"], processes: 5, nodes: 2, threads: 4,
            name: "austen",
            environment: [.init(name: "COST", value: "5 $")])
        let volume = try KubernetesManifest.Volume(claim: "shared-data", path: "/data/my files")
        let text = try KubernetesManifest(
            job, image: "registry.example:5000/train:1", volume: volume, namespace: "team-a"
        ).text
        #expect(text == Self.expected)
    }

    private static let expected = #"""
        # Started by the Kubeflow MPI operator: kubectl apply -f FILE
        apiVersion: kubeflow.org/v2beta1
        kind: MPIJob
        metadata:
          name: "austen"
          namespace: "team-a"
        spec:
          slotsPerWorker: 3
          # mpirun begins when all workers are there.
          launcherCreationPolicy: WaitForWorkersReady
          runPolicy:
            cleanPodPolicy: Running
            # How often a program that was interrupted, or has failed, is started again; a training goes on from its last checkpoint.
            backoffLimit: 20
          mpiReplicaSpecs:
            Launcher:
              replicas: 1
              restartPolicy: OnFailure
              template:
                spec:
                  # The time to save a checkpoint in when the pods are to end.
                  terminationGracePeriodSeconds: 90
                  containers:
                  - name: launcher
                    image: "registry.example:5000/train:1"
                    command:
                    - "mpirun"
                    - "--allow-run-as-root"
                    - "--bind-to"
                    - "none"
                    - "--mca"
                    - "odls_base_sigkill_timeout"
                    - "30"
                    - "-n"
                    - "5"
                    - "env"
                    - "COST=5 $$"
                    - "/opt/train"
                    - "--title"
                    - "it's \"new\"\n$$(HOME)"
                    resources:
                      limits:
                        cpu: 1
            Worker:
              replicas: 2
              restartPolicy: OnFailure
              template:
                spec:
                  terminationGracePeriodSeconds: 90
                  containers:
                  - name: worker
                    image: "registry.example:5000/train:1"
                    resources:
                      limits:
                        cpu: 12
                    volumeMounts:
                    - name: data
                      mountPath: "/data/my files"
                  volumes:
                  - name: data
                    persistentVolumeClaim:
                      claimName: "shared-data"

        """#

    @Test func eachProcessHasAMachineUnlessSaid() throws {
        let text = try KubernetesManifest(LaunchJob(program: ["train"], processes: 3), image: "train").text
        #expect(text.contains("\n  slotsPerWorker: 1\n") && text.contains("\n      replicas: 3\n"))
        #expect(text.contains("\n                cpu: 1\n"))
        #expect(!text.contains("namespace") && !text.contains("volume") && !text.contains("\n\n"))
    }

    @Test(arguments: ["", "Train", "a_b", "a b", "-a", "a-", "a.b", "é", "3d", String(repeating: "a", count: 41)])
    func badNames(name: String) throws {
        let job = try LaunchJob(program: ["train"], processes: 1, name: name)
        let error = #expect(throws: LaunchError.self) { try KubernetesManifest(job, image: "train") }
        #expect(
            error?.description
                == "--name \(name): not a name that Kubernetes takes; use lower-case letters and digits, with '-' "
                + "between them, a letter first, at most 40, for names of pods and a service are made of it")
    }

    /// Names of services begin with a letter.
    @Test func aProgramMayBeginWithADigit() throws {
        let text = try KubernetesManifest(LaunchJob(program: ["/opt/3d_train"], processes: 1), image: "train").text
        #expect(text.contains("\n  name: \"job-3d-train\"\n"))
    }

    @Test func badNamespacesImagesAndVolumes() throws {
        let job = try LaunchJob(program: ["train"], processes: 1)
        func message(_ body: () throws -> Void) -> String? {
            #expect(throws: LaunchError.self, performing: body)?.description
        }
        let image = "; give one with the program, MPI and an SSH server in it: --image registry.example/train:1"
        let names = "use lower-case letters and digits, with '-' between them"
        #expect(
            message { _ = try KubernetesManifest(job, image: nil) } == "--image: no container image is named\(image)")
        #expect(
            message { _ = try KubernetesManifest(job, image: "a b") }
                == "--image 'a b': no container image is named\(image)")
        #expect(
            message { _ = try KubernetesManifest(job, image: "a", namespace: "A") }
                == "--namespace A: not a name that Kubernetes takes; \(names)")
        #expect(
            message { _ = try KubernetesManifest.Volume(claim: "a..b", path: "/data") }
                == "--volume a..b:/data: 'a..b' is no claim's name; \(names)")
        for path in ["", "data", "/a:b"] {
            #expect(
                message { _ = try KubernetesManifest.Volume(claim: "a.b", path: path) }
                    == "--volume a.b:\(path): '\(path)' is "
                    + "no place in a container; give a path that begins with / and has no ':'")
        }
    }

    @Test(arguments: [
        ("/opt/My Train.exe", "my-train-exe"), ("./___", "strata"), ("/", "strata"), ("été", "t"), ("train-", "train"),
        (String(repeating: "a", count: 39) + "-b", String(repeating: "a", count: 39)),
    ])
    func namesAreMadeOfPrograms(program: String, name: String) throws {
        let text = try KubernetesManifest(LaunchJob(program: [program], processes: 1), image: "train").text
        #expect(text.contains("\nmetadata:\n  name: \"\(name)\"\n"))
    }
}
