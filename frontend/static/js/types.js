/**
 * Shapes of the REST and socket payloads, for the type checker only.
 *
 * @typedef {"admin"|"operator"|"viewer"} Role
 *
 * @typedef {object} User
 * @property {number} id
 * @property {string} username
 * @property {Role} role
 * @property {boolean} is_active
 * @property {boolean} must_change_password
 * @property {string|null} email
 * @property {string|null} date_of_birth
 * @property {string|null} place
 * @property {string|null} gender
 * @property {string} created_at
 * @property {string|null} last_login_at
 *
 * @typedef {Pick<User, "id"|"username"|"role"|"must_change_password">} PageUser
 *
 * @typedef {"SAFE"|"CAUTION"|"WARNING"|"CRITICAL"} Level
 * @typedef {"ok"|"estimated"|"degraded"|"saturated"|"unknown"} Trust
 *
 * @typedef {object} Cause
 * @property {string} name
 * @property {Level} level
 * @property {number|null} value
 * @property {number|null} limit
 * @property {string} unit
 * @property {string} text
 *
 * @typedef {object} RiskParts Factors in [0, 1].
 * @property {number|null} density
 * @property {number|null} surge
 * @property {number|null} velocity
 * @property {number|null} pressure_boost
 * @property {number|null} coherence_boost
 * @property {number|null} [weighted]
 *
 * @typedef {object} Quantity One number with what it is worth.
 * @property {number|string|null} value
 * @property {string} unit
 * @property {number|null} low lower end of the 90 % interval
 * @property {number|null} high
 * @property {Trust} trust
 * @property {string} reason
 *
 * @typedef {object} Metrics
 * @property {number} camera_id
 * @property {string} time ISO 8601, UTC
 * @property {number} stream_time_s
 * @property {number|null} [age_s]
 * @property {number} count
 * @property {number} count_low
 * @property {number|null} count_high null: "at least"
 * @property {"boxes"|"map"|"blend"|null} [count_method] what counted; null in rows of older versions
 * @property {number|null} [map_share] 0-1, share of the count that is the density map's
 * @property {number|null} area_m2
 * @property {number|null} density_per_m2
 * @property {number|null} voronoi_density_per_m2
 * @property {number|null} peak_density_per_m2
 * @property {"A"|"B"|"C"|"D"|"E"|"F"|null} level_of_service
 * @property {number|null} mean_speed_mps
 * @property {number|null} mean_speed_px_per_s
 * @property {number|null} speed_ratio
 * @property {"tracks"|"optical_flow"} motion_source
 * @property {number} moving_count
 * @property {number|null} coherence
 * @property {number|null} bidirectionality
 * @property {number|null} disorder
 * @property {number|null} rapid_count
 * @property {number|null} crowd_pressure_per_s2
 * @property {number|null} pressure_density_per_m2
 * @property {number|null} pressure_index
 * @property {number|null} oscillation_period_s
 * @property {number|null} oscillation_strength
 * @property {"clockwise"|"anticlockwise"|"linear"|null} oscillation_handedness
 * @property {number|null} surge
 * @property {boolean} stagnant
 * @property {number|null} density_ema_per_m2
 * @property {number|null} net_inflow_per_s
 * @property {number|null} time_to_capacity_s
 * @property {number|null} egress_time_s
 * @property {number|null} calibration_version
 * @property {Record<string, Quantity>} [quantities] missing in stored rows
 * @property {number} cluster_count
 * @property {number} largest_cluster
 * @property {number} proximity_pairs
 * @property {number} anomaly_count
 * @property {number|null} risk_score 0-100
 * @property {number|null} [risk_weighted]
 * @property {Level} risk_level
 * @property {Cause[]} causes
 * @property {RiskParts} [parts]
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {string} [model]
 * @property {boolean} reduced_accuracy
 * @property {boolean} [is_simulated]
 * @property {number} [seq]
 * @property {number} [run_id]
 * @property {PlaceReadings|null} [places] missing in stored rows
 *
 * @typedef {"standing"|"walkway"|"seated"|"queue"} ZoneProfile
 *
 * @typedef {object} Zone
 * @property {number} id
 * @property {string} name
 * @property {[number, number][]} corners shares of the picture, in [0, 1]
 * @property {ZoneProfile} profile
 * @property {string} colour "#rrggbb"
 * @property {number|null} count_limit
 * @property {number|null} density_limit_per_m2
 *
 * @typedef {object} CountingLine
 * @property {number} id
 * @property {string} name
 * @property {[number, number]} start shares of the picture
 * @property {[number, number]} end
 * @property {string} colour "#rrggbb"
 * @property {number|null} width_m
 *
 * @typedef {object} Places
 * @property {number} camera_id
 * @property {number} version
 * @property {string} fault why they may lie on other ground, "" where they do not
 * @property {Zone[]} zones
 * @property {CountingLine[]} lines
 *
 * @typedef {object} ZoneReading Numbers in metres are null without a calibration.
 * @property {number} zone_id
 * @property {string} name
 * @property {number} count
 * @property {number} count_low
 * @property {number|null} count_high null: "at least"
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {number} peak_count
 * @property {number} visitors
 * @property {number|null} dwell_median_s
 * @property {number|null} dwell_p90_s
 * @property {number|null} dwell_longest_s
 * @property {number|null} queue_length
 * @property {Trust} metres_trust what the calibration makes of the numbers in metres
 * @property {string} metres_reason
 * @property {number|null} area_m2
 * @property {number|null} density_per_m2
 * @property {number|null} peak_density_per_m2
 * @property {number|null} mean_speed_mps
 * @property {number|null} crowd_pressure_per_s2
 * @property {Level|null} risk_level null: not assessed
 * @property {number|null} risk_score
 * @property {Cause[]} causes
 *
 * @typedef {object} LineReading Since the camera's run began, or the line was drawn.
 * @property {number} line_id
 * @property {string} name
 * @property {number} count_in
 * @property {number} count_out
 * @property {number} balance
 * @property {number|null} in_per_s over the last minute
 * @property {number|null} out_per_s
 * @property {number|null} in_specific_per_m_s
 * @property {number|null} out_specific_per_m_s
 * @property {Trust} trust
 * @property {string} trust_reason
 *
 * @typedef {object} PlaceReadings
 * @property {number} version of the places they were measured with
 * @property {ZoneReading[]} zones
 * @property {LineReading[]} lines
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {string} runtime
 * @property {string} precision
 * @property {number[]} input_hw
 * @property {number} tiles
 * @property {boolean} reduced_accuracy
 * @property {string} remedy
 *
 * @typedef {object} CameraStatus
 * @property {string} state
 * @property {"connecting"|"live"|"reconnecting"|"offline"|"failed"} status
 * @property {string} message
 * @property {number|null} last_frame_age_s
 * @property {number} reconnects
 * @property {number} dropped_frames
 * @property {number} restarts
 * @property {number|null} fps
 * @property {number|null} width
 * @property {number|null} height
 * @property {number|null} nominal_fps
 * @property {string|null} [decoder] "software", or the device that decodes
 * @property {string} [decoder_note] why no device does
 * @property {number|null} duration_s
 * @property {Model|null} model
 * @property {string} calibration_fault why the stored calibration is not used, "" where it is
 * @property {string} places_fault why zones and lines may lie on other ground, "" where they do not
 * @property {CameraLoad|null} [analysis_load]
 *
 * @typedef {object} CameraLoad
 * @property {number|null} wanted_hz
 * @property {number|null} analysed_hz
 * @property {number} shed_share 0-1; 0 while the camera keeps up
 * @property {string} reason
 * @property {number|null} lag_s
 *
 * @typedef {"empty"|"queued"|"analysing"|"paused"|"finished"|"failed"|"cancelled"} JobState
 *
 * @typedef {object} Job
 * @property {JobState} state
 * @property {number|null} fraction
 * @property {number} frames_done
 * @property {number|null} frames_total
 * @property {number} stream_time_s
 * @property {number|null} duration_s
 * @property {string|null} original_name
 * @property {number|null} size_bytes
 * @property {string|null} recorded_at
 * @property {string} error
 *
 * @typedef {"rtsp"|"http"|"usb"|"file"|"upload"|"simulated"} SourceType
 *
 * @typedef {object} Scenario What a simulated camera can show.
 * @property {string} name
 * @property {string} title
 * @property {string} description
 * @property {number} people_limit
 *
 * @typedef {object} AvailableModel
 * @property {string} name
 * @property {string} precision
 * @property {boolean} reduced_accuracy
 * @property {boolean} is_default the installation's own
 * @property {string} problem why it cannot be used, "" where it can
 *
 * @typedef {"botsort"|"bytetrack"|"deepsort"} TrackerKind
 *
 * @typedef {object} Exit
 * @property {number} width_m
 * @property {"level"|"stairs"} kind
 *
 * @typedef {"points"|"rectangle"|"heights"} CalibrationMethod
 *
 * @typedef {object} HeightEvidence What a calibration from people's heights rests on.
 * @property {number} people_used
 * @property {number} people_given
 * @property {number} residual_px
 * @property {number} residual_relative
 * @property {number} horizon_y_px
 * @property {number} camera_height_m
 * @property {number} tilt_deg
 * @property {number} field_of_view_deg
 * @property {boolean} field_of_view_assumed
 *
 * @typedef {object} Calibration Everything but the camera is null where there is none.
 * @property {boolean} calibrated
 * @property {number} camera_id
 * @property {number|null} version
 * @property {CalibrationMethod|null} method
 * @property {[number, number]|null} picture_wh
 * @property {{image: [number, number], world: [number, number]}[]|null} points
 * @property {{corners: [number, number][], width_m: number, length_m: number}|null} rectangle
 * @property {number|null} field_of_view_deg
 * @property {[number, number][]|null} monitored_area pixels
 * @property {[number, number][]|null} walkable_area pixels
 * @property {number[][]|null} homography pixels to metres, row by row
 * @property {number|null} area_m2
 * @property {number|null} rms_error_m
 * @property {number|null} length_spread half of the 90 % interval, as a share
 * @property {number|null} area_spread
 * @property {Trust|null} trust
 * @property {string[]} notes
 * @property {HeightEvidence|null} evidence
 * @property {string|null} created_at
 * @property {string|null} created_by
 * @property {boolean} has_background
 * @property {string} fault
 *
 * @typedef {object} CalibrationSummary
 * @property {number} version
 * @property {CalibrationMethod|"simulation"} method
 * @property {number} area_m2
 * @property {Trust} trust
 * @property {string} created_at
 *
 * @typedef {object} Camera
 * @property {number} id
 * @property {string} name
 * @property {SourceType} source_type
 * @property {string} source_display
 * @property {number|null} true_fps
 * @property {boolean} loop
 * @property {number|null} area_m2
 * @property {number|null} people_limit
 * @property {number|null} target_fps
 * @property {Exit[]} exits
 * @property {string|null} detection_model null: the installation's own
 * @property {string} detection_tiles columns x rows; "": what the model is made for
 * @property {TrackerKind} tracker
 * @property {boolean} is_moving
 * @property {boolean} is_simulated
 * @property {boolean} record
 * @property {boolean} should_run
 * @property {number|null} owner_id
 * @property {string} created_at
 * @property {string} updated_at
 * @property {CameraStatus} status
 * @property {Job|null} job
 * @property {CalibrationSummary|null} calibration
 * @property {Metrics|null} current
 *
 * @typedef {object} AlertEvent
 * @property {string} at
 * @property {string} kind
 * @property {string} username
 * @property {Record<string, unknown>} detail
 *
 * @typedef {object} Delivery
 * @property {string} channel
 * @property {string} state
 * @property {number} attempts
 * @property {string} last_error
 * @property {string|null} delivered_at
 *
 * @typedef {object} Alert
 * @property {number} id
 * @property {number|null} camera_id
 * @property {number|null} [location_id]
 * @property {string} place_name
 * @property {string} family
 * @property {Level} level
 * @property {Level} peak_level
 * @property {"ACTIVE"|"ACKNOWLEDGED"|"RESOLVED"} status
 * @property {"LIVE"|"RECORDED"|"SIMULATED"|"DRILL"} origin
 * @property {string} cause
 * @property {string} message
 * @property {Cause[]} causes
 * @property {Record<string, unknown>} metrics
 * @property {Trust} trust
 * @property {number|null} score
 * @property {number|null} peak_count
 * @property {number|null} peak_density_per_m2
 * @property {string} opened_at
 * @property {string} updated_at
 * @property {string|null} acknowledged_at
 * @property {string|null} acknowledged_by
 * @property {string} acknowledge_note
 * @property {string|null} resolved_at
 * @property {string|null} resolved_by
 * @property {string} resolve_note
 * @property {boolean} has_snapshot
 * @property {ActionCard|null} [action_card]
 * @property {PlaceForecast|null} [forecast] null: none is made, or the incident is over
 * @property {AlertEvent[]} [events]
 * @property {Delivery[]} [deliveries]
 *
 * @typedef {object} Recording
 * @property {number} id
 * @property {number} camera_id
 * @property {string} [camera_name]
 * @property {string} started_at
 * @property {string|null} ended_at
 * @property {number} duration_s
 * @property {number} frames
 * @property {number} width
 * @property {number} height
 * @property {number} size_bytes
 * @property {boolean} is_open
 * @property {boolean} is_simulated
 *
 * @typedef {object} Setting
 * @property {string} key
 * @property {string} section
 * @property {string|number|boolean|null} value
 * @property {string|number|boolean|null} default
 * @property {string} unit
 * @property {number|null} minimum
 * @property {number|null} maximum
 * @property {"number"|"integer"|"text"|"secret"|"boolean"} kind
 * @property {string} title
 * @property {string} effect
 * @property {boolean} is_set
 * @property {string|null} changed_by
 * @property {string|null} changed_at
 *
 * @typedef {object} ProbeAnswer
 * @property {boolean} ok
 * @property {string} message
 * @property {number|null} width
 * @property {number|null} height
 * @property {number|null} fps
 * @property {string|null} codec
 * @property {string|null} picture data: URL of a JPEG
 *
 * @typedef {"CAMERA"|"LINE"|"MANUAL"|"API"|"EDGE"} CountSource where a number of people comes from
 * @typedef {"LOW"|"MEDIUM"|"HIGH"|"CRITICAL"} DensityLevel
 *
 * @typedef {object} AreaRef
 * @property {number} camera_id
 * @property {number|null} zone_id null: all that is counted in its picture
 *
 * @typedef {object} TimeToLimit
 * @property {number|null} inflow_per_s net; null until known
 * @property {number|null} inflow_low
 * @property {number|null} inflow_high
 * @property {number|null} seconds 0 when the limit is reached; null where it is not approached
 * @property {number|null} low_s
 * @property {number|null} high_s null: perhaps never
 *
 * @typedef {object} CountPart One of the numbers a location's count is made from.
 * @property {CountSource} source
 * @property {number} count
 * @property {number} count_low
 * @property {number|null} count_high null: "at least"
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {boolean} is_used it set the location's count
 * @property {string|null} at of a number sent in, or of the last correction of a balance
 *
 * @typedef {object} ShareNumbers What one area adds to the count of cameras.
 * @property {number} count
 * @property {number} counted what is left of it after overlaps
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {Level|null} risk_level
 * @property {number|null} peak_density_per_m2
 * @typedef {AreaRef & ShareNumbers} AreaShare
 *
 * @typedef {object} LineBalance
 * @property {number} base people inside when it was last corrected
 * @property {number} count_in
 * @property {number} count_out
 * @property {number} count below 0 it has drifted
 * @property {string} since of the last correction
 * @property {number} unseen_s in which a line was not seen
 *
 * @typedef {object} LocationNumbers Also the body of `crowd_update`.
 * @property {number} location_id
 * @property {string} location_name
 * @property {number|null} current_count
 * @property {number|null} count_low
 * @property {number|null} count_high null: "at least"
 * @property {CountSource|null} source what set the count
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {number|null} capacity_limit
 * @property {number|null} occupancy_percentage
 * @property {DensityLevel|null} density_level
 * @property {string} density_from "occupancy", "density" or ""
 * @property {number|null} peak_density_per_m2
 * @property {Level} risk_level
 * @property {Cause[]} causes
 * @property {TimeToLimit} time_to_limit
 * @property {CountPart[]} parts
 * @property {AreaShare[]} shares
 * @property {LineBalance|null} balance
 * @property {string} last_updated
 * @property {string|null} last_measured_at of the newest number behind the count
 * @property {number} [seq]
 *
 * @typedef {{floor_plan_id: number|null, x: number, y: number}} MapPosition shares of the plan; without one longitude and latitude
 * @typedef {AreaRef & {camera_name: string, zone_name: string|null, map_outline: [number, number][]}} LocationArea
 * @typedef {{camera_id: number, camera_name: string, line_id: number, line_name: string, is_reversed: boolean}} LocationLine
 *
 * @typedef {object} Location
 * @property {number} id
 * @property {string} name
 * @property {string} description
 * @property {number|null} capacity people
 * @property {boolean} cameras_see_all
 * @property {number} entry_valid_s
 * @property {boolean} is_sample
 * @property {boolean} is_simulated
 * @property {number} version
 * @property {MapPosition|null} position
 * @property {[number, number][]} outline
 * @property {LocationArea[]} areas
 * @property {LocationLine[]} lines
 * @property {AreaRef[][]} overlaps
 * @property {string[]} problems sentences
 * @property {LocationNumbers|null} numbers
 *
 * @typedef {object} LocationEntry
 * @property {number} id
 * @property {"count"|"correction"} kind
 * @property {CountSource} source
 * @property {number} count
 * @property {number|null} was the balance before a correction
 * @property {string} at
 * @property {string} by
 * @property {string} note
 *
 * @typedef {object} LocationStats
 * @property {string} since
 * @property {string} until
 * @property {string} time_zone of the venue
 * @property {number} known_seconds
 * @property {number|null} count_min
 * @property {number|null} count_mean
 * @property {number|null} count_max
 * @property {{start: string, count_mean: number, count_max: number}|null} peak_hour
 * @property {[string, number, number, number][]} minutes begin, mean, least, most
 *
 * @typedef {object} LocationSummary
 * @property {number} location_count
 * @property {boolean} is_trial only samples and simulated locations
 * @property {number} unknown_count
 * @property {number|null} total_count null: it cannot be said
 * @property {number|null} total_low
 * @property {number|null} total_high null: "at least"
 * @property {string} total_reason how it was counted, or why it was not
 * @property {number[]} counted_ids
 * @property {DensityLevel|null} density_level
 * @property {number|null} density_location_id
 * @property {Level} risk_level
 * @property {number|null} risk_location_id
 *
 * @typedef {object} SpotStill a picture to count, told without its measured number
 * @property {string} token
 * @property {number} camera_id
 * @property {string} taken_at
 * @property {number} expires_in_s
 * @property {number|null} zone_id null: the whole picture
 * @property {string|null} zone_name
 * @property {"picture"|"monitored_area"|"zone"} area
 * @property {string} picture_url
 *
 * @typedef {object} SpotCount
 * @property {number} id
 * @property {number} camera_id
 * @property {number|null} zone_id
 * @property {string|null} zone_name
 * @property {string} at of the picture
 * @property {string} entered_at
 * @property {number} counted by a person
 * @property {number} measured
 * @property {number} measured_low
 * @property {number|null} measured_high null: "at least"
 * @property {number} difference measured less counted
 * @property {number|null} error_percent
 * @property {boolean} is_inside
 * @property {Trust} trust
 * @property {string} method
 * @property {string} model
 * @property {string} by
 * @property {string} note
 *
 * @typedef {object} RollingError null where nothing can be said
 * @property {number} n
 * @property {number} window
 * @property {boolean} is_few
 * @property {number|null} mean_error people, measured less counted
 * @property {number|null} mean_absolute_error
 * @property {number|null} mean_absolute_percent
 * @property {number|null} interval_coverage in [0, 1]
 * @property {string|null} since
 * @property {string[]} models
 *
 * @typedef {SpotCount & {rolling: RollingError}} EnteredCount
 * @typedef {{zone_id: number|null, zone_name: string|null, rolling: RollingError}} PlaceError
 *
 * @typedef {object} FloorPlan
 * @property {number} id
 * @property {string} name
 * @property {number} width_px
 * @property {number} height_px
 * @property {number} size_bytes
 * @property {number|null} width_m of the ground; null: not known
 * @property {number|null} height_m
 * @property {string} created_at
 * @property {string} created_by
 *
 * @typedef {{kind: "zone"|"location", place_id: number}} PlaceRef
 * @typedef {PlaceRef & {name: string, camera_name: string|null}} PlaceEnd a zone has a camera, a location none
 *
 * @typedef {object} GateEffect What holding a gate would change.
 * @property {number} link_id
 * @property {string} name
 * @property {string} source_name where people would wait
 * @property {number|null} walk_s
 * @property {number|null} flow_per_s null: nobody counts, or not known now
 * @property {TimeToLimit|null} held
 * @property {TimeToLimit|null} source
 *
 * @typedef {object} PlaceForecast
 * @property {string} at
 * @property {number} age_s
 * @property {number|null} limit people
 * @property {TimeToLimit} now
 * @property {GateEffect[]} gates
 *
 * @typedef {object} NodeNumbers
 * @property {number|null} camera_id
 * @property {number|null} limit people
 * @property {number|null} count null: nothing is known
 * @property {number|null} count_low
 * @property {number|null} count_high null: "at least"
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {Level|null} risk_level
 * @property {boolean} is_simulated
 * @property {boolean} has_card
 * @property {PlaceForecast|null} forecast
 * @typedef {PlaceEnd & NodeNumbers} GraphNode
 *
 * @typedef {{line_id: number, name: string, camera_id: number, camera_name: string}} LineOffer
 * @typedef {LineOffer & {is_reversed: boolean}} LinkLine
 *
 * @typedef {object} GraphLink
 * @property {number} id
 * @property {string} name
 * @property {PlaceEnd} source
 * @property {PlaceEnd} target
 * @property {LinkLine|null} line
 * @property {boolean} is_gate
 * @property {number|null} walk_s
 * @property {number|null} flow_per_s
 * @property {number|null} back_per_s
 * @property {Trust} trust
 * @property {string} trust_reason
 *
 * @typedef {{nodes: GraphNode[], links: GraphLink[]}} PlaceGraph
 * @typedef {{places: PlaceEnd[], lines: LineOffer[]}} LinkChoices
 *
 * @typedef {object} ActionCard
 * @property {string} hold_gate
 * @property {string} open_route
 * @property {string} pa_text
 * @property {string} person_on_duty
 * @property {string|null} updated_at
 * @property {string} updated_by
 *
 * @typedef {object} PageConfig
 * @property {string} page
 * @property {PageUser|null} user
 * @property {Record<string, any>} params
 */

/**
 * @template T
 * @typedef {{items: T[], total: number, page: number, pages: number}} Page
 */

export {};
