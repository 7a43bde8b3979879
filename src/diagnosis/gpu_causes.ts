/**
 * What CUDA, ROCm, other accelerators, their libraries and the kernel's drivers say when something is
 * wrong.
 *
 * @see https://docs.nvidia.com/deploy/xid-errors/ for Xid numbers
 * @see https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html for CUDA's errors
 * @module
 */
import type { CauseRule } from "../engines/cause.ts";

/** Words of GPUs. */
export const GPU_WORDS: readonly CauseRule[] = [
  // Too little memory on it.
  {
    cause: "gpu_out_of_memory",
    words:
      /\b(?:CUDA|HIP|ROCm|XPU|NPU|MPS backend|MLU|HPU|GPU|device|VRAM|SYCL)\b[^"]{0,120}?\bout of (?:device |GPU )?memory/i,
    unless:
      /failed to allocate [\d.]+ Mi?B of pinned memory|e\.g\.|may (?:lead|cause)|might|avoid|to prevent|if you|possible|likely/i,
  },
  {
    cause: "gpu_out_of_memory",
    words:
      /\btorch(?:\.cuda)?\.OutOfMemoryError\b|\bcudaErrorMemoryAllocation\b|\bCUDA_ERROR_OUT_OF_MEMORY\b|\bhipErrorOutOfMemory\b|\bUR_RESULT_ERROR_OUT_OF_(?:DEVICE_MEMORY|RESOURCES)\b/,
  },
  { cause: "gpu_out_of_memory", words: /\bCU(?:BLAS|DNN|SOLVER|SPARSE|FFT)_STATUS_ALLOC_FAILED\b/ },
  {
    cause: "gpu_out_of_memory",
    words:
      /cu(?:da)?(?:Host)?Malloc\w*\b[^"]{0,60}(?:failed|out of memory)|ErrorOutOfDeviceMemory|VK_ERROR_OUT_OF_DEVICE_MEMORY/i,
    unless: /pinned|HostMalloc/i,
  },
  { cause: "gpu_out_of_memory", words: /Cuda (?:failure|Runtime)[^"]{0,20}out of memory/i },
  {
    cause: "gpu_out_of_memory",
    words: /\bRESOURCE_EXHAUSTED\b[^"]{0,40}(?:out of memory|allocat)/i,
  },
  {
    cause: "gpu_out_of_memory",
    words:
      /Failed to allocate memory for requested buffer of size|Requested amount of GPU memory|OutOfMemory \(no details\)|not enough (?:GPU|device|VRAM|graphics) memory|insufficient (?:GPU|device|VRAM) memory|out of GPU memory|(?:GPU|VRAM|device) memory (?:is )?(?:insufficient|exhausted|not enough|too small)/i,
  },

  { cause: "gpu_out_of_memory", words: /unable to allocate backend buffer/, strength: "likely" },

  // None, or none that can be used.
  {
    cause: "gpu_lost",
    words:
      /fallen off the bus|\bGPU is lost\b|NVML_ERROR_(?:GPU_IS_LOST|RESET_REQUIRED|DRIVER_NOT_LOADED|LIB_RM_VERSION_MISMATCH)|NVRM: Xid [^:]*(?::[0-9a-f.:]+\))?: (?:79|119|120)\b/i,
    atAnyLevel: true,
  },
  {
    cause: "gpu_lost",
    words:
      /Unable to determine the device handle for GPU|Driver\/library version mismatch|Failed to initialize NVML|RmInitAdapter failed|GPU \S+ (?:is|was|has been) lost\b|NVIDIA-SMI has failed|CUDA_ERROR_(?:NOT_INITIALIZED|INVALID_DEVICE|NOT_PERMITTED)\b|couldn't communicate with the NVIDIA driver/i,
  },
  {
    cause: "gpu_lost",
    words:
      /NVML_SUCCESS == r INTERNAL ASSERT FAILED|NVML ?Error[\w]*\b[: ].*(?:unknown|uninitialized|not supported|driver)/i,
  },
  {
    cause: "gpu_lost",
    words:
      /No (?:CUDA|HIP|XPU|NPU|MLU|HPU) (?:GPUs?|devices?) (?:are|is) available|no (?:CUDA|ROCm|HIP)-capable (?:device|GPU)|\bhipErrorNoDevice\b|\bcudaErrorNoDevice\b|\bCUDA_ERROR_(?:NO_DEVICE|SYSTEM_NOT_READY|SYSTEM_DRIVER_MISMATCH|COMPAT_NOT_SUPPORTED_ON_DEVICE|DEVICE_UNAVAILABLE)\b/i,
  },
  {
    cause: "gpu_lost",
    words:
      /Unexpected error from (?:cuda|hip)GetDeviceCount|(?:cuda|hip)GetDeviceCount\b.{0,60}(?:failed|error|returned)|system (?:not yet initialized|has unsupported display driver)|CUDA-capable device\(?s?\)? (?:is\/are|is|are) busy or unavailable|CUDA unknown error - this may be due to/i,
  },
  {
    cause: "gpu_lost",
    words:
      /Found no NVIDIA driver|NVIDIA driver on your system is too old|CUDA driver version is insufficient|Failed to infer device type|cudaErrorInsufficientDriver|forward compatibility was attempted on non supported HW/i,
  },
  {
    cause: "gpu_lost",
    words:
      /nvidia-container-cli: (?:initialization|device|detection) error|unknown device.{0,20}nvidia\.com\/gpu|failed to (?:get|open|inject) .{0,40}(?:nvidia\.com\/gpu|CDI devices)/i,
  },
  {
    cause: "gpu_lost",
    words:
      /0 active drivers|\bDEVICE_LOST\b|ErrorDeviceLost|DeviceLostError|device (?:has been |was )?lost\b|GPU (?:requires|needs) (?:a )?reset|no (?:usable|supported|compatible|available) (?:GPU|accelerator|device)s? (?:was |were )?(?:found|detected|available)|No GPU (?:found|detected)|GPU not found|Cannot (?:find|access) (?:any )?(?:CUDA|GPU)|No devices were found/i,
  },
  {
    cause: "gpu_lost",
    words:
      /\b(?:CUDA|HIP) initialization (?:error|failure)|initialization error.{0,20}(?:cuda|nvml)|cuInit\b.{0,40}(?:failed|error|returned)|CUDA error: (?:initialization error|system not)|amdgpu: device lost|Unable to open \/dev\/kfd|\/dev\/(?:nvidia\d|nvidiactl|kfd)\b.*(?:No such|not found)/i,
  },

  {
    cause: "gpu_lost",
    words:
      /CUDA call failed lazily at initialization|failed to initialize (?:CUDA|ROCm|HIP|the GPU)|(?:cudart|cuda driver library|nvcuda|nvml|rocm)\b.{0,30}\b(?:init(?:ialization)? failure|failed to (?:get device|init))|CUDA (?:is|was) not available|is_available\(\) (?:is|returned|==) False|ROCk module is NOT loaded|UnspecifiedPlatform|hsa_init.{0,30}fail|device >= 0 && device < num_gpus|has no (?:NVIDIA )?GPU|GPU access blocked|Device string must not be empty|\bggml_\w+: No devices found|CUDA driver initialization failed|CUDA unavailable|Critical Xid Error|XidCriticalError|marked unhealthy: GPU|nvml(?:Init|DeviceGet)\w*.{0,30}fail|rtGetDeviceCount execution failed|set default device id failed|Failed to open device, retCode|drv devId is invalid|unknown device error/i,

    unless: /UserWarning|FutureWarning|using CPU|fall/i,
  },

  {
    cause: "gpu_lost",
    words:
      /CUDA initialization: |NVIDIA Driver (?:was not detected|is present, but CUDA failed)|GPU functionality will not be available|\(error (?:100|101|802|803|804|999)\)|CUDA (?:error|failure):? (?:100|101|802|803|804|999)\b|cuInit err: \d+|cudaSetDevice err: \d+|no healthy devices present|unhealthy devices? nvidia|error looking up \w+ GPU memory/i,
    strength: "likely",
  },
  {
    cause: "gpu_lost",
    words:
      /\bcudaError(?:SystemNotReady|SystemDriverMismatch|CompatNotSupportedOnDevice|DevicesUnavailable|InitializationError|NoKernelDriver)\b/,
  },

  // Faults of the hardware, the driver or a kernel.
  {
    cause: "gpu_fault",
    words:
      /NVRM: Xid|\bXid (?:error )?\(?(?:PCI|\d)|\bEDAC\b.*GPU|amdgpu.{0,80}(?:page fault|ring .{0,30}timeout|GPU reset|RAS)|NVLink.{0,40}(?:fatal|uncorrectable)/i,
    atAnyLevel: true,
  },
  {
    cause: "gpu_fault",
    words:
      /illegal memory access|device-side assert|unspecified launch (?:failure|timeout)|misaligned address|uncorrectable (?:ECC|NVLink)|an illegal instruction was encountered|(?:invalid|operation not supported on global\/shared) (?:program counter|address space)|launch timed out and was terminated|hardware stack error|warp (?:out-of-range|illegal|misaligned)/i,
  },
  {
    cause: "gpu_fault",
    words:
      /\bcudaError(?:IllegalAddress|LaunchFailure|LaunchTimeout|Assert|ECCUncorrectable|IllegalInstruction|HardwareStackError|MisalignedAddress|InvalidPc|Unknown)\b|\bCUDA_ERROR_(?:ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|ASSERT|ECC_UNCORRECTABLE|ILLEGAL_INSTRUCTION|MISALIGNED_ADDRESS|UNKNOWN)\b/,
  },
  {
    cause: "gpu_fault",
    words:
      /Memory access fault by GPU|\bHSA_STATUS_ERROR\w*|GPU core dump|HW Exception by GPU|GPU Hang\b|\bhipError(?:IllegalAddress|LaunchFailure|Assert|Unknown|InvalidDevicePointer)\b/i,
  },
  {
    cause: "gpu_fault",
    words:
      /\bCU(?:BLAS|DNN|SOLVER|SPARSE)_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|MAPPING_ERROR|NOT_INITIALIZED|ARCH_MISMATCH|INVALID_VALUE|NOT_SUPPORTED)\b/,
    strength: "likely",
  },
  {
    cause: "gpu_fault",
    words:
      /c10_cuda_check_implementation|c10_hip_check_implementation|Assertion `[^`]*` failed\.?$.*|Assertion .* failed.*\bthread: \[/,
    strength: "likely",
    unless: /\.(?:c|cpp|cc|h|hpp):\d+: /,
  },
  {
    cause: "gpu_fault",
    words:
      /\b(?:CUDA|HIP|SYCL|Level[- ]Zero|ROCm|hipBLAS|cuBLAS|cuDNN|NPU|ACL|aclnn\w*) (?:runtime |driver |kernel |API )?(?:error|failure)\b|Triton Error \[(?:CUDA|HIP)\]|\bAcceleratorError\b|\b(?:PI|UR)_(?:RESULT_)?ERROR\w*|aicore (?:exception|timeout|error)|\bERR\d{5} (?:DEVICE|PTA|OPS)|ggml_cuda_error|ACL stream synchronize failed|rtKernelLaunch\w* failed|aclrt\w+(?: failed|, error)|NPU function error|For debugging consider passing (?:CUDA|HIP|AMD)_?\w*_?(?:LAUNCH_BLOCKING|SERIALIZE_KERNEL)/i,
    unless: /out of memory|NCCL error|no CUDA error/i,
    strength: "likely",
  },
];
